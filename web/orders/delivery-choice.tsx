import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Choice } from '../design/field.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import type { Ask } from '../room/room-session.ts';
import { sayError } from '../session/say-error.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useStore } from '../state/store.ts';
import type { Address } from '../../shared/protocol/address.ts';
import type { Order } from '../../shared/protocol/order.ts';
import { AddressForm } from './address-form.tsx';
import { orderTexts } from './orders.messages.ts';

type Props = { order: Order; ask: Ask; onOrder: (order: Order) => void };

/** Where and how the order is sent. The default address is chosen by itself: most people have one. */
export function DeliveryChoice({ order, ask, onOrder }: Props) {
  const t = useMessages(orderTexts);
  const lang = useStore(language);
  const [isAdding, setAdding] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { loaded, again } = useLoaded(async () => {
    const { addresses } = await ask('address:list', {});
    if (order.needsAddress && addresses[0]) await choose(addresses[0]);
    return addresses;
  }, [order.orderId]);
  if (!order.lines.some(({ requiresShipping }) => requiresShipping)) return null;

  async function choose({ addressId, country }: Address, rateId?: string | null): Promise<void> {
    setProblem(undefined);
    try {
      const { orderId } = order;
      const { choices } = await ask('order:delivery-choices', { orderId, country });
      const wanted = rateId === undefined ? choices[0]?.rateId : rateId;
      if (wanted === undefined) return setProblem(t.noDelivery);
      const answer = await ask('order:choose-delivery', { orderId, addressId, rateId: wanted });
      if (answer.outcome === 'not_sent_there') setProblem(t.noDelivery);
      if (answer.outcome === 'payment_started') setProblem(t.paymentStarted);
      onOrder(answer.order);
    } catch (error) {
      setProblem(sayError(error));
    }
  }

  const added = async (address: Address) => {
    setAdding(false);
    await choose(address);
    await again();
  };

  if (loaded.state === 'loading') return <Skeleton height={72} />;
  const addresses = loaded.state === 'ready' ? loaded.value : [];
  const { delivery } = order;
  return (
    <section class="stack delivery" aria-label={t.address}>
      {delivery && !isAdding && (
        <div class="delivery__to">
          <p class="field__label">{t.address}</p>
          <p class="user-text">
            <strong>{delivery.address.recipient}</strong> {delivery.address.phone}
          </p>
          <p class="quiet user-text">
            {[
              delivery.address.street,
              delivery.address.city,
              delivery.address.region,
              delivery.address.postalCode,
              delivery.address.country,
            ]
              .filter(Boolean)
              .join(', ')}
          </p>
          <p class="quiet small">
            {localized(delivery.method, lang)} ·{' '}
            {delivery.shippingMinor === 0 ? t.free : money({ minor: delivery.shippingMinor, currency: order.currency })}
          </p>
        </div>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {isAdding || addresses.length === 0 ? (
        <AddressForm ask={ask} onSaved={(address) => void added(address)} />
      ) : (
        <div class="row row--wrap">
          {addresses.length > 1 && (
            <Choice
              label={t.changeAddress}
              value=""
              choices={[
                { key: '', label: '…' },
                ...addresses.map((one) => ({ key: one.addressId, label: `${one.recipient}, ${one.city}` })),
              ]}
              onChoose={(addressId) => {
                const address = addresses.find((one) => one.addressId === addressId);
                if (address) void choose(address);
              }}
            />
          )}
          <Button size="small" icon="plus" onClick={() => setAdding(true)}>
            {t.addAddress}
          </Button>
        </div>
      )}
    </section>
  );
}
