import { newId } from '../../../shared/ids.ts';
import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { AggregateSource, AppendOptions, RoomLog } from '../room-log/room-log.ts';
import type { OfferRef } from '../sale/gate.ts';
import type { SaleNews } from '../sale/news.ts';
import type { LedgerOrder, Purchase } from '../sale/orders-ledger.ts';
import { shortName } from '../../platform/short-name.ts';
import { createThinned } from '../../platform/thinned.ts';
import { heldOrder } from './held-order.ts';
import type { OfferRow } from './offer-row.ts';
import type { OfferStore } from './offer-store.ts';
import { createSellingOut } from './selling-out.ts';

type Needs = {
  roomLog: RoomLog;
  tell: TellPerson;
  store: Pick<OfferStore, 'unpin' | 'told' | 'sellOutOf' | 'sellOutTold'>;
  /** Where the gate of an offer keeps the units that are left. */
  leftSource: (offer: OfferRef) => AggregateSource;
  /** Tries again what failed, for a while. */
  persist: (run: () => Promise<unknown>) => Promise<void>;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, kind: string) => void;
};

type SayTo<Answer> = <K extends RoomEventName>(
  roomId: string,
  kind: K,
  body: RoomEventBody<K>,
  options?: AppendOptions,
) => Answer;

export type RoomNews = {
  say: SayTo<void>;
  /** The same, for what must not get lost: false when the room could not be told. */
  reach: SayTo<Promise<boolean>>;
  /** Says what was done to an open offer, and notes that its room knows: whoever dies before that leaves it to a worker. */
  tellChange: <K extends OfferChange>(offer: OfferRow, kind: K, body: RoomEventBody<K>) => Promise<void>;
  /** Says that an offer is sold out, if the ledger has it so, once for each time. False when it does not, or when the room could not be told. */
  tellSoldOut: (offer: OfferRef) => Promise<boolean>;
};

type OfferChange = 'offer:changed' | 'offer:pinned' | 'offer:unpinned';

type Bought = { offer: OfferRef; name: string | null; units: number; otherLines: number };

/** How often one offer is said to have been bought, at most; orders between are counted. */
const boughtEveryMs = 500;
/** Offers with something to say at a time; past it buyers are not named. */
const boughtOffersMax = 10_000;

/** Tells a room what happens in its sale, thinned so that a rush is a few entries a second. Nothing here may fail a purchase. */
export function createRoomNews({
  roomLog,
  tell,
  store,
  leftSource,
  persist,
  after,
  onError,
}: Needs): SaleNews & RoomNews {
  const reach: RoomNews['reach'] = (roomId, kind, body, options) =>
    roomLog.append(roomId, kind, body, options).then(
      () => true,
      (error: unknown) => {
        onError(error, kind);
        return false;
      },
    );
  /** Tried again for a while when the log is away; under a key, so that it is one entry. */
  const say: RoomNews['say'] = (roomId, kind, body, options = { senderId: roomId, clientKey: newId() }) =>
    void persist(() => roomLog.append(roomId, kind, body, options));
  const tellChange: RoomNews['tellChange'] = async (offer, kind, body) => {
    const { offerId, roomId, untoldSince } = offer;
    const once = { senderId: offerId, clientKey: `${kind}:${offerId}:${untoldSince}` };
    const isTold = await reach(roomId, kind, body, once);
    // Of one that has ended meanwhile its end is left to tell.
    if (isTold && offer.state === 'open') await store.told(offer);
  };
  /** Tried once: a later try might take away a pin of later. What is sold out for good loses its pin by a worker. */
  const unpin = async (offerId: string): Promise<void> => {
    const unpinned = await store.unpin(offerId);
    if (unpinned) await tellChange(unpinned, 'offer:unpinned', { offerId, why: 'sold_out' });
  };
  /** Tried once: there is newer news by the time a log comes back. */
  const mention: RoomNews['say'] = (roomId, kind, body) => void reach(roomId, kind, body);
  const noteBought = createThinned<Bought>({
    everyMs: boughtEveryMs,
    keysMax: boughtOffersMax,
    after,
    say: ({ offer: { roomId, offerId }, name, units, otherLines }, others) =>
      mention(roomId, 'offer:bought', { offerId, name, units, others, ...(otherLines > 0 && { otherLines }) }),
  });

  const tellSoldOut: RoomNews['tellSoldOut'] = async ({ roomId, offerId }) => {
    const sellOut = await store.sellOutOf(offerId);
    if (sellOut === null) return false;
    // Every gateway may notice; the key makes it one entry.
    const once = { senderId: offerId, clientKey: `sold-out:${sellOut.number}` };
    if (!(await reach(roomId, 'offer:sold-out', { offerId, epoch: sellOut.epoch }, once))) return false;
    await unpin(offerId).catch((error: unknown) => onError(error, 'offer:unpinned'));
    await store.sellOutTold(offerId, sellOut);
    return true;
  };
  const noteEmptyGate = createSellingOut({
    tell: tellSoldOut,
    wait: (ms) => new Promise<void>((resolve) => after(ms, resolve)),
    onError: (error) => onError(error, 'offer:sold-out'),
  });

  return {
    say,
    reach,
    tellChange,
    tellSoldOut,
    left: (offer) => roomLog.setAggregate(offer.roomId, `left:${offer.offerId}`, leftSource(offer)),

    soldOut: (offer, epoch, releases) => noteEmptyGate(offer, { epoch, releases }),

    available: ({ roomId, offerId }, unitsLeft) => mention(roomId, 'offer:available', { offerId, unitsLeft }),

    /** Once an order: a buyer of two things is not two buyers. */
    bought({ buyerName }: Purchase, { roomId, lines: [line, ...more] }: LedgerOrder) {
      if (!line) return;
      const offer = { roomId, offerId: line.offerId };
      const name = () => buyerName && shortName(buyerName);
      noteBought(offer.offerId, () => ({ offer, name: name(), units: line.units, otherLines: more.length }));
    },

    /** Also to who is not in the room any more, but looks at their orders. */
    served(personId, { offerId, roomId }, order) {
      tell(personId, 'offer:served', { offerId, order: heldOrder(order) });
      tell(personId, 'order:changed', { orderId: order.orderId, roomId, state: 'held' });
    },
    passed: (personId, { roomId, offerId }) => tell(personId, 'offer:passed', { roomId, offerId }),
    expired: ({ buyerId, orderId, roomId }) => tell(buyerId, 'order:changed', { orderId, roomId, state: 'expired' }),
    extended: ({ buyerId, orderId, roomId }) => tell(buyerId, 'order:changed', { orderId, roomId, state: 'held' }),
  };
}
