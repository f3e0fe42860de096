import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Choice, TextField } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { writtenIn } from '../design/written.ts';
import { countryChoices } from '../i18n/countries.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Ask } from '../room/room-session.ts';
import { useStore } from '../state/store.ts';
import { useRequestKey } from '../state/use-request-key.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Address } from '../../shared/protocol/address.ts';
import { orderTexts } from './orders.messages.ts';
import { useAddressDraft } from './use-address-draft.ts';

type Props = {
  ask: Ask;
  /** One of the book that is rewritten. Not given: a new one is added. */
  edited?: Address | undefined;
  /** What the button says. */
  action: string;
  onSaved: (address: Address) => void;
};

export function AddressForm({ ask, edited, action, onSaved }: Props) {
  const t = useMessages(orderTexts);
  const { fields, change, forget } = useAddressDraft(edited ?? null);
  const lang = useStore(language);
  const countries = useMemo(countryChoices, [lang]);
  const { keyOf, done } = useRequestKey();
  const form = useRef<HTMLFormElement>(null);

  const { problem, wrong, mend, busy, onSubmit } = useSubmit(async () => {
    const saved = edited
      ? await ask('address:change', { addressId: edited.addressId, ...fields })
      : await ask('address:add', { ...fields, requestKey: keyOf(fields) });
    done(fields);
    forget();
    onSaved(saved);
    return undefined;
  });

  const changeField = (part: Partial<typeof fields>) => {
    change(part);
    mend(Object.keys(part));
  };
  const written = writtenIn(fields, changeField);
  const field = (name: keyof typeof fields) => ({ label: t[name], problem: wrong.get(name), ...written(name) });
  const isMarked = [...wrong.keys()].some((name) => name in fields);
  // The first one that was refused is where to go on.
  useEffect(() => {
    if (isMarked) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [isMarked]);

  return (
    <form ref={form} class="stack address-form" onSubmit={onSubmit}>
      <TextField {...field('recipient')} required maxLength={100} autocomplete="name" />
      <TextField {...field('phone')} required minLength={3} maxLength={40} autocomplete="tel" />
      <TextField {...field('street')} required maxLength={300} autocomplete="street-address" />
      <div class="address-form__two">
        <TextField {...field('city')} required maxLength={100} autocomplete="address-level2" />
        <TextField {...field('region')} maxLength={100} autocomplete="address-level1" />
      </div>
      <div class="address-form__two">
        <TextField {...field('postalCode')} maxLength={20} autocomplete="postal-code" />
        <Choice
          label={t.country}
          autocomplete="country"
          value={fields.country}
          choices={countries}
          problem={wrong.get('country')}
          onChoose={(country) => changeField({ country })}
        />
      </div>
      <Problem text={isMarked ? undefined : problem} />
      <Button type="submit" busy={busy} wide>
        {action}
      </Button>
    </form>
  );
}
