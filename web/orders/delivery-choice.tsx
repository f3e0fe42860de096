import { useEffect, useState } from 'preact/hooks';
import { Choice } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import type { Ask } from '../room/room-session.ts';
import { sayError } from '../session/say-error.ts';
import { Failure } from '../shell/failure.tsx';
import { useLoaded } from '../state/use-loaded.ts';
import { useStore } from '../state/store.ts';
import type { Address, PostalAddress } from '../../shared/protocol/address.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { Delivery, Order } from '../../shared/protocol/order.ts';
import { AddressChoice } from './address-choice.tsx';
import { withAddress } from './addresses.ts';
import { AddressText } from './address-text.tsx';
import { orderTexts } from './orders.messages.ts';

type Props = {
  order: Order;
  ask: Ask;
  onOrder: (order: Order) => void;
  /** A choice is on its way to the server: until it has arrived nothing else may be chosen, nor paid. */
  isChoosing: boolean;
  onChoosing: (isChoosing: boolean) => void;
};
/** One way of sending, and what it costs. */
type Way = Output<'order:delivery-choices'>['choices'][number];

/** Where and how the order is sent. The default address and the first way are taken by themselves: most people want these. Another address keeps the way. */
export function DeliveryChoice(props: Props) {
  return props.order.lines.some(({ requiresShipping }) => requiresShipping) ? <Sending {...props} /> : null;
}

function Sending({ order, ask, onOrder, isChoosing, onChoosing }: Props) {
  const t = useMessages(orderTexts);
  const { orderId, delivery } = order;
  const [problem, setProblem] = useState<string>();
  const book = useLoaded(async () => (await ask('address:list', {})).addresses, [orderId]);
  const addresses = book.loaded.state === 'ready' ? book.loaded.value : [];
  const current = delivery ? addresses.find((one) => isSamePlace(one, delivery.address)) : undefined;
  const first = order.needsAddress ? addresses[0] : undefined;
  useEffect(() => {
    if (first) void take(first);
  }, [book.loaded.state]);

  async function take({ addressId, country }: Address, rateId?: string | null): Promise<void> {
    setProblem(undefined);
    onChoosing(true);
    try {
      const wanted = rateId === undefined ? await usualWay(country) : rateId;
      if (wanted === undefined) return setProblem(t.noDelivery);
      const answer = await ask('order:choose-delivery', { orderId, addressId, rateId: wanted });
      if (answer.outcome === 'not_sent_there') setProblem(t.noDelivery);
      if (answer.outcome === 'payment_started') setProblem(t.paymentStarted);
      onOrder(answer.order);
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      onChoosing(false);
    }
  }
  /** The way that is taken already, where it is to be had at the same fee; else the first one. */
  async function usualWay(country: string): Promise<string | null | undefined> {
    const { choices } = await ask('order:delivery-choices', { orderId, country });
    return (choices.find((way) => delivery && isTaken(way, delivery)) ?? choices[0])?.rateId;
  }

  const saved = (address: Address) => {
    book.set(withAddress(addresses, address));
    void take(address);
  };

  if (book.loaded.state === 'loading') return <Skeleton height={72} />;
  if (book.loaded.state === 'failed') return <Failure error={book.loaded.error} onAgain={() => void book.again()} />;
  return (
    <section class="stack delivery" aria-label={t.address}>
      {delivery && (
        <div class="delivery__to">
          <p class="field__label">{t.address}</p>
          <AddressText address={delivery.address} />
          <WayLine delivery={delivery} currency={order.currency} />
        </div>
      )}
      <Problem text={problem} />
      <fieldset class="stack" disabled={isChoosing}>
        <AddressChoice
          ask={ask}
          addresses={addresses}
          chosenId={current?.addressId ?? null}
          onChoose={(address) => void take(address)}
          onSaved={saved}
        />
        {delivery && current && (
          <WayChoice order={order} delivery={delivery} ask={ask} onChoose={(rateId) => void take(current, rateId)} />
        )}
      </fieldset>
    </section>
  );
}

function WayLine({ delivery, currency }: { delivery: Delivery; currency: string }) {
  const t = useMessages(orderTexts);
  return <p class="quiet small">{wayText(delivery.method, delivery.shippingMinor, currency, useStore(language), t)}</p>;
}

type WayProps = Pick<Props, 'order' | 'ask'> & { delivery: Delivery; onChoose: (rateId: string | null) => void };

/** The ways to send to the country of the address, where there is more than one. */
function WayChoice({ order, delivery, ask, onChoose }: WayProps) {
  const t = useMessages(orderTexts);
  const lang = useStore(language);
  const { orderId, currency } = order;
  const { country } = delivery.address;
  const { loaded } = useLoaded(
    async () => (await ask('order:delivery-choices', { orderId, country })).choices,
    [orderId, country],
  );
  // What was taken stands above; without the others there is only nothing to change.
  if (loaded.state !== 'ready' || loaded.value.length < 2) return null;
  const ways = loaded.value;
  const taken = ways.findIndex((way) => isTaken(way, delivery));
  const choices = ways.map(({ name, shippingMinor }, index) => ({
    key: String(index),
    label: wayText(name, shippingMinor, currency, lang, t),
  }));
  return (
    <Choice
      label={t.delivery}
      value={String(taken)}
      // The shop may have changed its table since.
      choices={taken < 0 ? [{ key: '-1', label: '…' }, ...choices] : choices}
      onChoose={(index) => onChoose(ways[Number(index)]!.rateId)}
    />
  );
}

type Texts = (typeof orderTexts)['en'];

const wayText = (
  name: Delivery['method'],
  shippingMinor: number,
  currency: string,
  lang: 'en' | 'zh-CN',
  t: Texts,
): string => `${localized(name, lang)} · ${shippingMinor === 0 ? t.free : money({ minor: shippingMinor, currency })}`;

/** The order keeps copies of name and price, and no number of the way. */
const isTaken = ({ name, shippingMinor }: Way, { method, shippingMinor: paidMinor }: Delivery): boolean =>
  name.en === method.en && name.zh === method.zh && shippingMinor === paidMinor;

const placeFields = ['recipient', 'phone', 'country', 'region', 'city', 'street', 'postalCode'] as const;

/** The order keeps a copy of the address, too. */
const isSamePlace = (one: PostalAddress, other: PostalAddress): boolean =>
  placeFields.every((field) => one[field] === other[field]);
