import type { Request } from '../../shared/client/requests.ts';
import type { Award } from '../../shared/protocol/giveaway.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { OrderState, OrderSummary } from '../../shared/protocol/order.ts';
import { followNotices } from '../session/follow-notices.ts';
import { createKeptList } from '../state/kept-list.ts';
import { online } from '../state/online.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { createStore } from '../state/store.ts';

/** Points of a fan club begin to go. */
type Decaying = Output<'fan-club:warnings'>['warnings'][number];

/** Units are held for somebody, and not paid. `waited`: they came from the waiting list just now. */
type Unpaid = { what: 'unpaid'; order: OrderSummary; waited: boolean };

type Told = { what: 'won'; award: Award } | { what: 'decaying'; club: Decaying } | Unpaid;

/** What was told to this person and to nobody else, wherever they are on these pages. */
export type News = Told & { id: number };

/** Shown at once; the oldest goes. Wins and what is to pay are found again under the orders, levels in the fan club. */
const newsMax = 3;
/** News remembered as put away: about 100 bytes each. */
const putAwayMax = 200;

const putAway = createKeptList<{ subject: string }>('nm:news-put-away', ({ subject }) => subject, putAwayMax);

export const news = createStore<readonly News[]>([]);

/** The room whose page shows itself what is to be paid there; null where none does. */
export const unpaidShownIn = createStore<string | null>(null);

/**
 * Tells of orders that wait for money. Also what a page shows itself, once it does so no more: whoever was put out of the room would
 * not find them again.
 *
 * @param servedId the one that came from a waiting list just now
 */
export function tellUnpaid(orders: readonly OrderSummary[], servedId?: string): void {
  for (const order of orders.filter(isOpen)) {
    const waited = order.orderId === servedId || (unpaidOf(order.orderId)?.waited ?? false);
    tell({ what: 'unpaid', order, waited });
  }
}

let lastId = 0;

export function dismissNews(id: number): void {
  const gone = news.get().find((one) => one.id === id);
  if (gone) putAway.keep({ subject: momentOf(gone) });
  news.update((known) => known.filter((one) => one.id !== id));
}

/**
 * Hears the news of a person until the returned function is called, and asks for what was told while they were away: at first, and
 * whenever the connection is back.
 */
export function followNews(): () => void {
  const stop = followNotices(({ ask, onNotice }) => {
    const catchUp = () =>
      void missed(ask).then(
        (told) => told.forEach(tell),
        () => undefined,
      );
    catchUp();
    return [
      onNotice<Award>('giveaway:won', (award) => tell({ what: 'won', award })),
      onNotice<{ order: HeldOrder }>('offer:served', ({ order }) => void readUnpaid(ask, order.orderId).catch(ignore)),
      onNotice<{ orderId: string; state: OrderState }>('order:changed', ({ orderId, state }) => {
        if (state !== 'held') takeBack(orderId);
        else if (unpaidOf(orderId)) void readUnpaid(ask).catch(ignore); // There is more time to pay.
      }),
      onNotice<Decaying>('fan-club:decaying', (club) => tell({ what: 'decaying', club })),
      online.subscribe(() => online.get() && catchUp()),
    ];
  });
  return () => {
    stop();
    news.set([]);
  };
}

async function missed(ask: Request): Promise<Told[]> {
  const [{ warnings }, { awards }] = await Promise.all([
    ask('fan-club:warnings', {}),
    ask('giveaway:wins', {}),
    readUnpaid(ask),
  ]);
  const open = awards.filter(({ state, claimByMs }) => state === 'offered' && (claimByMs ?? 0) > serverNowMs());
  return [
    ...warnings.map((club): Told => ({ what: 'decaying', club })),
    ...open.toReversed().map((award): Told => ({ what: 'won', award })),
  ];
}

/** Orders that wait for money no more, the latest: a list that was on its way meanwhile may still name them. */
let ended: readonly string[] = [];
const endedMax = 50;

/** Told of orders that wait for money: of what one waited for in a line nobody else tells who is not in the room. */
async function readUnpaid(ask: Request, servedId?: string): Promise<void> {
  const { orders } = await ask('order:list', { state: 'held', limit: newsMax });
  tellUnpaid(orders.toReversed(), servedId);
}

const isOpen = ({ orderId, payByMs, rehearsal }: OrderSummary): boolean =>
  payByMs > serverNowMs() && !rehearsal && !ended.includes(orderId);

function unpaidOf(orderId: string): Unpaid | undefined {
  return news.get().find((one): one is Unpaid & News => one.what === 'unpaid' && one.order.orderId === orderId);
}

/** It is paid, or nobody's any more. */
function takeBack(orderId: string): void {
  ended = [...ended, orderId].slice(-endedMax);
  news.update((known) => known.filter((one) => one.what !== 'unpaid' || one.order.orderId !== orderId));
}

const ignore = (): void => undefined;

function tell(told: Told): void {
  if (putAway.find(momentOf(told))) return;
  lastId += 1;
  const others = news.get().filter((one) => subjectOf(one) !== subjectOf(told));
  news.set([...others, { ...told, id: lastId }].slice(-newsMax));
}

/** One win, one order, or one day on which points go: put away once, it is not told again. */
const momentOf = (told: Told): string =>
  told.what === 'decaying' ? `${subjectOf(told)} ${told.club.decaysAtMs}` : subjectOf(told);

/** What is told again replaces what was told of it before. */
function subjectOf(told: Told): string {
  if (told.what === 'won') return `won ${told.award.giveawayId}`;
  return told.what === 'unpaid' ? `unpaid ${told.order.orderId}` : `decaying ${told.club.clubId}`;
}
