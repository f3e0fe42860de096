import { isGoingOn } from '../../shared/room-state.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import type { gatherCrowd } from './crowd.ts';
import type { DemoPerson } from './people.ts';

type Needs = {
  host: DemoPerson;
  roomId: string;
  offers: readonly Offer[];
  crowd: Awaited<ReturnType<typeof gatherCrowd>>;
};

const pinEveryMs = 25_000;
const saleEveryMs = 90_000;
const bagEveryMs = 150_000;
const bagOpenMs = 60_000;
const saleUnits = 12;

/** What the host says to a product, over and over. */
const patter = [
  'Look at the light on it.',
  '喜欢的朋友点开看看。',
  'Ask me anything about it.',
  '今晚下单，明天发货。',
  'I use this one at home myself.',
];

export const showTitle = 'Lantern market: tea, linen and chili oil';
/** A server that does not answer in this time is gone or overloaded; the next demo ends the show. */
const endMaxMs = 6_000;

/** Answers whether it is over. */
export const endShow = ({ client }: DemoPerson, roomId: string): Promise<boolean> =>
  client.request('room:end', { roomId }, { triesMax: 1, timeoutMs: endMaxMs }).then(
    () => true,
    () => false,
  );

/** A demo that was killed could not end its show: the next one does. Shows that somebody holds as this host by hand are let be. */
export async function endOldShows(host: DemoPerson): Promise<void> {
  const { rooms } = await host.client.request('room:mine', { rows: 100 });
  const left = rooms.filter((room) => room.title === showTitle && isGoingOn(room));
  await Promise.all(left.map(({ roomId }) => endShow(host, roomId)));
}

const dayMs = 86_400_000;
const nextShows = [
  { title: '周日窑口直播：新出窑的茶具', coverUrl: '/demo/tea-set.svg', inMs: 2 * dayMs },
  { title: 'Linen for long days', coverUrl: '/demo/linen-dress.svg', inMs: 4 * dayMs },
];

/** Shows that are coming, unless an earlier run has announced them. */
export async function announceNextShows({ client }: DemoPerson): Promise<void> {
  const { rooms } = await client.request('room:mine', { rows: 100 });
  for (const { title, coverUrl, inMs } of nextShows) {
    if (rooms.some((room) => room.title === title && room.state === 'scheduled')) continue;
    const scheduledAtMs = Math.round(client.clock.nowMs() + inMs);
    await client.request('room:create', { title, coverUrl, scheduledAtMs });
  }
}

/** What the host of the demo does: shows one thing after the other, a flash sale now and then, a lucky bag. Returns how to stop. */
export function runShow({ host, roomId, offers, crowd }: Needs): () => void {
  const { client } = host;
  let turn = 0;
  const next = (): Offer => offers[turn % offers.length]!;

  const pin = async () => {
    turn += 1;
    const { offerId, itemNumber, title } = next();
    await client.request('offer:pin', { roomId, offerId });
    await say(`No. ${itemNumber}: ${title.en}. ${patter[turn % patter.length]}`);
  };
  const say = (text: string) =>
    client.request('chat:send', { roomId, text, requestKey: `demo-say-${turn}-${roomId.slice(-8)}` });
  const flashSale = async () => {
    const { skuId, priceMinor, listPriceMinor } = next();
    const draft = await client.request('offer:create', {
      roomId,
      skuId,
      kind: 'flash',
      priceMinor: Math.round(priceMinor * 0.7),
      listPriceMinor,
      allotmentUnits: saleUnits,
      limitUnits: 1,
      countdownSeconds: 15,
      durationSeconds: 60,
      requestKey: `demo-sale-${turn}-${roomId.slice(-8)}`,
    });
    const { outcome, offer } = await client.request('offer:open', { roomId, offerId: draft.offerId });
    if (outcome !== 'opened') return;
    await client.request('offer:pin', { roomId, offerId: offer.offerId });
    setTimeout(() => crowd.rush(offer), Math.max(0, (offer.opensAtMs ?? 0) - client.clock.nowMs()));
  };
  const luckyBag = async () => {
    const { giveawayId } = await client.request('giveaway:publish', {
      roomId,
      kind: 'lucky-bag',
      title: 'A paper lantern for three',
      prize: { prize: 'goods', what: 'Paper lantern', valueMinor: 1_450, currency: 'EUR' },
      prizeCount: 3,
      tasks: [{ task: 'present-at-draw' }],
      closesAtMs: Math.round(client.clock.nowMs() + bagOpenMs),
      requestKey: `demo-bag-${turn}-${roomId.slice(-8)}`,
    });
    crowd.enter(giveawayId);
  };

  // A step that is refused (sold out, say) is left out; the show goes on.
  const step = (work: () => Promise<void>) => () => void work().catch(() => undefined);
  for (const first of [pin, luckyBag]) step(first)();
  const timers = [
    setInterval(step(pin), pinEveryMs),
    setInterval(step(flashSale), saleEveryMs),
    setInterval(step(luckyBag), bagEveryMs),
    setTimeout(step(flashSale), 12_000),
  ];
  return () => timers.forEach((timer) => clearTimeout(timer));
}
