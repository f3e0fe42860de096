import type { Offer } from '../../shared/protocol/offer.ts';
import { asAccount, asGuest, type DemoPerson } from './people.ts';

const guestCount = 170;
/** Accounts buy and win; signing many up at once would meet the server's own limit on it. */
const accountCount = 30;
/** People who come in at the same time. */
const atOnce = 20;
const chatEveryMs = 450;
const likeEveryMs = 700;
/** Carts fill faster than they are ordered, so that an order often has several lines. */
const putEveryMs = 6_000;
const orderEveryMs = 12_000;
const lookEveryMs = 900;

const names = 'Ana 小雨 Bo Noor 阿强 Mia Leo 佳佳 Ines Tom 丽丽 Omar Eva 小明 Kai Lina 思琪 Max Zoe 大伟'.split(' ');
const sayings = [
  'hello from Lyon',
  '主播今天真好看',
  'Is the tea set dishwasher safe?',
  '这个灯笼多大？',
  'ordered the chili oil again',
  '刚下单，期待',
  'How big is size M?',
  'first time here, love the lights',
  '求讲解 3 号',
  'does the lantern need a plug?',
  '蒸笼是真竹子吗',
  'greetings from Porto',
  'mooncakes look so good',
  '666',
  'can you show the dress again',
  '发货到上海要几天',
];

type Needs = { url: string; roomId: string; hostId: string; isStopped: () => boolean };

/** The viewers of the demo: they come in, talk, like, look at products, fill carts, enter draws, and some of them buy and pay. */
export async function gatherCrowd({ url, roomId, hostId, isStopped }: Needs) {
  const accounts: DemoPerson[] = [];
  const everybody: DemoPerson[] = [];
  const arrivals = [
    ...Array.from({ length: accountCount }, (_, n) => async () => {
      const buyer = await asAccount(url, pick(names), `buyer-${n}@demo.nightmarket.test`);
      accounts.push(buyer);
      if (n % 2 === 0) quietly(joinClub(buyer));
      return buyer;
    }),
    ...Array.from({ length: guestCount }, () => () => asGuest(url, pick(names))),
  ];
  while (arrivals.length > 0 && !isStopped()) {
    const arrived = await Promise.allSettled(arrivals.splice(0, atOnce).map((arrive) => arrive()));
    for (const one of arrived) {
      if (one.status === 'rejected') continue;
      one.value.client.room(roomId);
      everybody.push(one.value);
    }
  }

  const tallies = new Map<DemoPerson, number>();
  const timers = [
    setInterval(() => oneOf(everybody, say), chatEveryMs),
    setInterval(() => oneOf(everybody, like), likeEveryMs),
  ];
  let offers: readonly Offer[] = [];
  const onOffer = (act: (person: DemoPerson, offer: Offer) => unknown) => (person: DemoPerson) =>
    oneOf(offers, (offer) => void act(person, offer));
  timers.push(setInterval(() => oneOf(accounts, onOffer(putIntoCart)), putEveryMs));
  timers.push(setInterval(() => oneOf(accounts, onOffer(order)), orderEveryMs));
  timers.push(setInterval(() => oneOf(everybody, onOffer(look)), lookEveryMs));

  return {
    size: everybody.length,
    /** One of those with an account, to help the host; null when a network has made so many that it may make no more. */
    moderatorId: accounts[0]?.session.person.personId ?? null,
    /** What may be bought from now on. */
    sell: (open: readonly Offer[]) => void (offers = open),
    /** Everybody with an account wants one of this offer, within a second of each other. */
    rush: (offer: Offer) =>
      accounts.forEach((buyer) => setTimeout(() => quietly(buy(buyer, [oneUnit(offer)])), Math.random() * 900)),
    enter: (giveawayId: string) =>
      accounts.forEach(({ client }) =>
        setTimeout(
          () => quietly(client.request('giveaway:enter', { giveawayId, nonce: hex(16) })),
          Math.random() * 8_000,
        ),
      ),
    close(): void {
      timers.forEach(clearInterval);
      everybody.forEach(({ client }) => client.close());
    },
  };

  function say({ client }: DemoPerson): void {
    quietly(client.request('chat:send', { roomId, text: pick(sayings), requestKey: hex(12) }));
  }

  function look({ client }: DemoPerson, { offerId }: Offer): void {
    quietly(client.request('offer:look', { roomId, offerId }));
  }

  async function joinClub({ client }: DemoPerson): Promise<void> {
    await client.request('follow:start', { hostId });
    await client.request('fan-club:join', { clubId: hostId });
  }

  function like(person: DemoPerson): void {
    const likes = (tallies.get(person) ?? 0) + 1 + Math.floor(Math.random() * 8);
    tallies.set(person, likes);
    const tally = `demo-${person.session.person.personId.slice(0, 8)}`;
    quietly(person.client.request('room:like', { roomId, tally, likes }));
  }

  function putIntoCart({ client }: DemoPerson, { offerId }: Offer): void {
    quietly(client.request('cart:put', { roomId, offerId, units: 1 }));
  }

  /** All that is in the cart, in one order; whoever has nothing in it takes the offer at once. */
  function order(buyer: DemoPerson, offer: Offer): void {
    const cart = buyer.client.request('cart:get', { roomId });
    quietly(cart.then(({ lines }) => buy(buyer, lines.length > 0 ? lines : [oneUnit(offer)])));
  }

  async function buy(buyer: DemoPerson, lines: { offerId: string; units: number }[]): Promise<void> {
    const answer = await buyer.client.request('offer:buy', { roomId, lines, requestKey: hex(12) });
    if ('offerId' in answer) quietly(buyer.client.request('cart:put', { roomId, offerId: answer.offerId, units: 0 }));
    // Most pay; the others let the time run out, as people do.
    if (answer.outcome === 'held' && Math.random() < 0.8) await pay(buyer, answer.order.orderId);
  }

  /** The same way a person takes: an address, the way of delivery, the sandbox's pay page. */
  async function pay({ client }: DemoPerson, orderId: string): Promise<void> {
    const { addresses } = await client.request('address:list', {});
    const address =
      addresses[0] ??
      (await client.request('address:add', {
        recipient: 'Demo Buyer',
        phone: '+34 600 000 000',
        country: 'ES',
        city: 'Madrid',
        street: 'Calle Mayor 1',
        requestKey: hex(12),
      }));
    const { choices } = await client.request('order:delivery-choices', { orderId, country: address.country });
    await client.request('order:choose-delivery', {
      orderId,
      addressId: address.addressId,
      rateId: choices[0]?.rateId ?? null,
    });
    const started = await client.request('payment:start', { orderId });
    if (started.outcome !== 'started' || !started.payment.payUrl) return;
    const body = new URLSearchParams({ choice: 'pay', delaySeconds: '0' });
    await fetch(new URL(started.payment.payUrl, url), { method: 'POST', body, redirect: 'manual' });
  }
}

const oneUnit = ({ offerId, priceMinor }: Offer) => ({ offerId, units: 1, priceMinor });

/** A refusal (slow mode, sold out, a show that just ended) is part of life in a live room. */
const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

/** Does something with any one of them, if there is one. */
function oneOf<T>(all: readonly T[], act: (one: T) => void): void {
  if (all.length > 0) act(pick(all));
}

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

const hex = (bytes: number): string =>
  Array.from({ length: bytes }, () =>
    Math.floor(Math.random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
