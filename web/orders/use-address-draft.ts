import { useState } from 'preact/hooks';
import { likelyCountry } from '../i18n/countries.ts';
import { person } from '../session/session.ts';
import type { Address } from '../../shared/protocol/address.ts';

const fieldsOf = () => ({
  recipient: '',
  phone: '',
  street: '',
  city: '',
  region: '',
  postalCode: '',
  country: likelyCountry(),
});

type Fields = ReturnType<typeof fieldsOf>;

const writtenOf = ({ addressId, isDefault, ...fields }: Address): Fields => fields;

/** What somebody typed and did not save, until the page is left. */
let draft: { personId: string | undefined; fields: Fields } | null = null;

const draftOf = (personId: string | undefined): Fields | null =>
  draft && draft.personId === personId ? draft.fields : null;

/**
 * An address as far as it is typed. The sheet that it stands in may give way to another one, and nobody types a new one twice.
 *
 * @param edited one of the book that is rewritten; null: a new one.
 */
export function useAddressDraft(edited: Address | null) {
  const personId = person()?.personId;
  const [fields, setFields] = useState(() => (edited ? writtenOf(edited) : (draftOf(personId) ?? fieldsOf())));
  if (edited)
    return {
      fields,
      change: (part: Partial<Fields>): void => setFields((before) => ({ ...before, ...part })),
      forget: () => undefined,
    };
  return {
    fields,
    change(part: Partial<Fields>): void {
      // Fields may be filled by a program, all of them before the next picture of the page.
      const changed = { ...(draftOf(personId) ?? fields), ...part };
      draft = { personId, fields: changed };
      setFields(changed);
    },
    /** It is saved: the next one begins empty. */
    forget(): void {
      draft = null;
    },
  };
}
