import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Choice } from '../design/field.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Ask } from '../room/room-session.ts';
import type { Address } from '../../shared/protocol/address.ts';
import { useFocusPlace } from '../state/use-focus-place.ts';
import { AddressForm } from './address-form.tsx';
import { orderTexts } from './orders.messages.ts';

type Props = {
  ask: Ask;
  addresses: readonly Address[];
  /** The one that is taken now; null when none is, or one that is not in the book any more. */
  chosenId: string | null;
  onChoose: (address: Address) => void;
  /** A new one, or one as it is now, was saved: it belongs into `addresses`, and is meant to be taken. */
  onSaved: (address: Address) => void;
};

/** One of the own addresses, which may be corrected, or a new one. Whoever has none sees the form at once. */
export function AddressChoice({ ask, addresses, chosenId, onChoose, onSaved }: Props) {
  const t = useMessages(orderTexts);
  const [form, setForm] = useState<'new' | Address | null>(null);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const turn = (to: typeof form) => {
    focusPlace(); // Both ways the button that was pressed goes.
    setForm(to);
  };
  const saved = (address: Address) => {
    turn(null);
    onSaved(address);
  };
  const chosen = addresses.find(({ addressId }) => addressId === chosenId);
  if (form !== null || addresses.length === 0)
    return (
      <div class="stack" ref={place} tabIndex={-1}>
        <AddressForm
          ask={ask}
          edited={form === 'new' || form === null ? undefined : form}
          action={t.saveAddress}
          onSaved={saved}
        />
        {addresses.length > 0 && (
          <Button kind="quiet" wide onClick={() => turn(null)}>
            {t.addNone}
          </Button>
        )}
      </div>
    );
  return (
    <div class="address-choice" ref={place} tabIndex={-1}>
      {(addresses.length > 1 || chosenId === null) && (
        <Choice
          label={t.addressBook}
          value={chosenId ?? ''}
          choices={[
            ...(chosenId === null ? [{ key: '', label: '…' }] : []),
            ...addresses.map((one) => ({ key: one.addressId, label: `${one.recipient}, ${one.city}` })),
          ]}
          onChoose={(addressId) => {
            const address = addresses.find((one) => one.addressId === addressId);
            if (address) onChoose(address);
          }}
        />
      )}
      {chosen && (
        <Button size="small" onClick={() => turn(chosen)}>
          {t.editAddress}
        </Button>
      )}
      <Button size="small" icon="plus" onClick={() => turn('new')}>
        {t.addAddress}
      </Button>
    </div>
  );
}
