import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Choice } from '../design/field.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Ask } from '../room/room-session.ts';
import type { Address } from '../../shared/protocol/address.ts';
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
  const added = (address: Address) => {
    setAdding(false);
    onAdded(address);
  };
  if (isAdding || addresses.length === 0) return <AddressForm ask={ask} onSaved={added} />;
  return (
    <div class="address-choice">
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
      <Button size="small" icon="plus" onClick={() => setAdding(true)}>
        {t.addAddress}
      </Button>
    </div>
  );
}
