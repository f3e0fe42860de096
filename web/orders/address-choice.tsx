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
  /** A new one was saved: it belongs into `addresses`, and is meant to be taken. */
  onAdded: (address: Address) => void;
};

/** One of the own addresses, or a new one. Whoever has none sees the form at once. */
export function AddressChoice({ ask, addresses, chosenId, onChoose, onAdded }: Props) {
  const t = useMessages(orderTexts);
  const [isAdding, setAdding] = useState(false);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const turn = (toAdding: boolean) => {
    focusPlace(); // Both ways the button that was pressed goes.
    setAdding(toAdding);
  };
  const added = (address: Address) => {
    turn(false);
    onAdded(address);
  };
  if (isAdding || addresses.length === 0)
    return (
      <div class="stack" ref={place} tabIndex={-1}>
        <AddressForm ask={ask} onSaved={added} />
        {addresses.length > 0 && (
          <Button kind="quiet" wide onClick={() => turn(false)}>
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
      <Button size="small" icon="plus" onClick={() => turn(true)}>
        {t.addAddress}
      </Button>
    </div>
  );
}
