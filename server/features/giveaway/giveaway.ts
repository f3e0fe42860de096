import { AppError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { giveawayLimits } from '../../../shared/protocol/giveaway.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { Rooms } from '../room/rooms.ts';
import type { AddressBook } from '../address/address-book.ts';
import type { PayPoints } from './advance.ts';
import type { AwardStore, WonPlace } from './awards.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { EnterAnswer, Entrant, Taken } from './enter.ts';
import type { Funnel } from './funnel.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow, GiveawayStore } from './giveaways.ts';
import { createReceiptMemory } from './receipt-memory.ts';
import { createReceiptSigning } from './receipt-signing.ts';
import { shownAward, shownGiveaway } from './shown.ts';
import { progressOf } from './tasks.ts';

type Needs = {
  store: GiveawayStore;
  entries: EntryStore;
  awards: AwardStore;
  facts: EntrantFactsSource;
  funnel: Funnel;
  rooms: Pick<Rooms, 'get'>;
  addresses: AddressBook;
  payPoints: PayPoints;
  publish: (
    room: Awaited<ReturnType<Rooms['get']>>,
    wish: Omit<Input<'giveaway:publish'>, 'roomId'>,
  ) => Promise<GiveawayRow>;
  /** A giveaway from a short-lived memory; what it says of the state may be a second old. */
  recall: (giveawayId: string) => Promise<GiveawayRow | null>;
  forget: (giveawayId: string) => void;
  enterBatch: (giveawayId: string, entrant: Entrant) => Promise<Taken>;
  /** Takes the steps that are due, now rather than at the worker's next turn. */
  advance: (giveawayId: string) => Promise<void>;
  /** Whether this gateway is told of what happens in a room. */
  hears: (roomId: string) => boolean;
  note: NoteAction;
  nowMs: () => number;
};

/** Giveaways listed for one room. */
const listedMax = 50;
/**
 * A list is believed this long, ms, unless the room tells of a change: everybody in it asks at the same moment. Of a room that is
 * not heard nothing is remembered: whoever is the first to come in would be told of what was before the last change.
 */
const listFreshMs = 1_000;
const listsMax = 1_000;
/** Those that are over among what newcomers are shown. */
const endedShownMax = 5;
const winsMax = 50;

export type Giveaways = ReturnType<typeof createGiveaways>;

/** What people do with giveaways. Drawing them is nobody's command: see advance.ts. */
export function createGiveaways(needs: Needs) {
  const { store, entries, awards, facts, rooms, addresses, payPoints } = needs;
  const { recall, forget, enterBatch, advance, hears, note, nowMs } = needs;

  const sign = createReceiptSigning();
  const receiptAgain = createReceiptMemory(sign);
  const lists = createShortMemory({
    read: (roomId) => latest(roomId, listedMax),
    freshMs: listFreshMs,
    keysMax: listsMax,
    nowMs,
  });

  return {
    async publish(byId: string, { roomId, ...wish }: Input<'giveaway:publish'>): Promise<Output<'giveaway:get'>> {
      const row = await needs.publish(await rooms.get(roomId), wish);
      await advance(row.giveawayId);
      lists.forget(roomId);
      await noteOf(row, byId, 'giveaway-published');
      return shownGiveaway(row, []);
    },
    async list(roomId: string): Promise<Output<'giveaway:list'>> {
      return { giveaways: await (hears(roomId) ? lists.of(roomId) : latest(roomId, listedMax)) };
    },
    /** Something of a giveaway of this room is another thing now. */
    forgetList: lists.forget,
    /** What whoever comes into the room is shown: all that are not over, and the latest of the others. */
    atTheDoor: (roomId: string) => latest(roomId, giveawayLimits.openPerRoomMax + endedShownMax),
    async get(giveawayId: string): Promise<Output<'giveaway:get'>> {
      return shown(await find(giveawayId));
    },
    async own(personId: string, giveawayId: string): Promise<Output<'giveaway:own'>> {
      // Keys and rules never change, and the state is not asked: a memory a second old will do.
      const giveaway = await recall(giveawayId);
      if (!giveaway) throw new AppError('NOT_FOUND');
      const [[known], entered, won] = await Promise.all([
        facts.of(giveaway, [personId]),
        entries.ofPeople(giveawayId, [personId]),
        awards.ofPerson(giveawayId, personId),
      ]);
      const entry = entered.get(personId);
      const receipt = entry ? await receiptAgain(giveaway, personId, entry) : null;
      return {
        tasks: progressOf(giveaway.rules.tasks, known!, nowMs()),
        receipt,
        award: won && shownAward(won),
      };
    },
    async enter(personId: string, { giveawayId, nonce }: Input<'giveaway:enter'>): Promise<EnterAnswer> {
      const giveaway = await recall(giveawayId);
      if (!giveaway) throw new AppError('NOT_FOUND');
      if (nowMs() < giveaway.rules.opensAtMs) return { outcome: 'not_open' };
      // After the close too: whoever is in gets the receipt again, in case the first one was lost on its way.
      const taken = await enterBatch(giveawayId, { personId, nonce });
      if (taken.outcome !== 'entered') return taken;
      return { outcome: 'entered', receipt: await sign({ ...taken, giveaway }) };
    },
    async cancel(byId: string, { giveawayId, reason }: Input<'giveaway:cancel'>): Promise<Output<'giveaway:cancel'>> {
      const isFirst = await store.cancel(giveawayId, reason, nowMs());
      forget(giveawayId);
      const row = await find(giveawayId);
      // Asked for again by whoever did not hear that it was done, or where only the rest of it failed.
      if (!isFirst && !(row.state === 'cancelled' && row.cancelReason === reason)) return { outcome: 'too_late' };
      await advance(giveawayId);
      lists.forget(row.roomId);
      await noteOf(row, byId, 'giveaway-cancelled', reason);
      return { outcome: 'cancelled' };
    },
    async claim(
      personId: string,
      { giveawayId, addressId }: Input<'giveaway:claim'>,
    ): Promise<Output<'giveaway:claim'>> {
      const won = await awards.ofPerson(giveawayId, personId);
      if (won?.state === 'offered' && won.rules.prize.prize === 'right-to-buy') return { outcome: 'buy_instead' };
      if (won?.state === 'offered' && won.rules.prize.prize === 'points')
        return claimPoints(won, won.rules.prize.points);
      if (won && addressId === undefined && lacksAddress(won)) return { outcome: 'address_first' };
      const address = addressId === undefined ? null : await addresses.copyOf(personId, addressId);
      if (addressId !== undefined && !address) throw new AppError('NOT_FOUND', 'You have no such address.');
      return { outcome: await awards.claim(giveawayId, personId, address, nowMs()) };
    },
    async wins(personId: string): Promise<Output<'giveaway:wins'>> {
      return { awards: (await awards.wins(personId, winsMax)).map(shownAward) };
    },
    async funnel(giveawayId: string): Promise<Output<'giveaway:funnel'>> {
      return needs.funnel.of(await find(giveawayId));
    },
    async winners({ giveawayId, after, rows }: Input<'giveaway:winners'>): Promise<Output<'giveaway:winners'>> {
      const places = await awards.settled(giveawayId, after ?? -1, rows);
      return {
        winners: places.map(({ place, personId, name, state, claimByMs, address }) => ({
          place,
          personId,
          name,
          state,
          claimByMs,
          address,
        })),
      };
    },
  };

  /** A giveaway is published once, and cancelled once, however often that is asked for. */
  function noteOf(
    { roomId, giveawayId, rules }: GiveawayRow,
    byId: string,
    kind: 'giveaway-published' | 'giveaway-cancelled',
    reason?: string,
  ): Promise<void> {
    const detail = { text: rules.title, ...(reason === undefined ? {} : { reason }) };
    return note({ roomId, byId, kind, detail, once: `${kind} ${giveawayId}` });
  }

  async function find(giveawayId: string): Promise<GiveawayRow> {
    const row = await store.find(giveawayId);
    if (!row) throw new AppError('NOT_FOUND');
    return row;
  }

  async function latest(roomId: string, max: number) {
    const rows = await store.ofRoom(roomId, max);
    const drawn = rows.filter(({ state }) => state === 'drawn').map(({ giveawayId }) => giveawayId);
    const holders = Map.groupBy(await awards.holdersOf(drawn, limits.shownWinnersMax), ({ giveawayId }) => giveawayId);
    return rows.map((row) => shownGiveaway(row, holders.get(row.giveawayId) ?? []));
  }

  async function shown(row: GiveawayRow) {
    return shownGiveaway(
      row,
      row.state === 'drawn' ? await awards.holders(row.giveawayId, limits.shownWinnersMax) : [],
    );
  }

  /** Points are paid by the draw; who is faster than it is paid here. Paid first: the award is the key, and a claim sent again pays nothing. */
  async function claimPoints(
    { giveawayId, personId, place, awardId }: WonPlace,
    points: number,
  ): Promise<Output<'giveaway:claim'>> {
    const { hostId } = await find(giveawayId);
    if (!(await payPoints({ personId, awardId }, hostId, points))) return { outcome: 'nothing_to_claim' };
    await awards.settle(giveawayId, [place], nowMs());
    return { outcome: 'claimed' };
  }
}

/** Goods that one can have, or has claimed, and that nobody knows where to send. */
const lacksAddress = ({ state, rules, address }: WonPlace): boolean =>
  rules.prize.prize === 'goods' && address === null && (state === 'offered' || state === 'claimed');
