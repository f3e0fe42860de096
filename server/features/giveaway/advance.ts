import { limits } from '../../../shared/limits.ts';
import { beaconRoundAtMs, type BeaconRound } from '../../../shared/raffle/beacon.ts';
import { isFrozenTooLate, roundWaitMs, voidReasons, whyVoid } from '../../../shared/raffle/void.ts';
import { bytesOfHex, hexOf } from '../../../shared/raffle/bytes.ts';
import { drawKey } from '../../../shared/raffle/draw-key.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { PutOuts } from '../moderation/put-outs.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { AwardStore, GivenPlace, Place } from './awards.ts';
import type { AskBeacon } from './beacons.ts';
import { isGoodRound, rankIds, type HashedList } from './draw.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { Funnel } from './funnel.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow, GiveawayStore } from './giveaways.ts';
import type { Lists } from './lists.ts';
import { asksForPresence, createPresence, isPresent } from './presence.ts';
import { signFrozen } from './receipts.ts';
import { shownWinner } from './shown.ts';
import type { WatchTime } from './watch-time.ts';

type Needs = {
  store: GiveawayStore;
  entries: EntryStore;
  lists: Lists;
  awards: AwardStore;
  threads: DrawThreads;
  watchTime: Pick<WatchTime, 'of' | 'reports' | 'gatewayReports' | 'keepUntil'>;
  putOuts: PutOuts;
  funnel: Funnel;
  log: RoomLog;
  askBeacon: AskBeacon;
  payPoints: PayPoints;
  /** Says it to each winner alone. Best effort: who is away finds it in the list of wins. */
  tellWinners: (places: readonly GivenPlace[], giveaway: GiveawayRow) => Promise<void>;
  nowMs: () => number;
};

/** Pays out a prize of points. Idempotent by award. False when the host has no fan club: nowhere to put them. */
export type PayPoints = (won: Pick<Place, 'personId' | 'awardId'>, hostId: string, points: number) => Promise<boolean>;

/** How often a prize that is past its time is looked at again, ms. */
const openClaimMs = 60_000;
/** Prizes of points paid at once. */
const paidAtOnce = 1_000;

/**
 * Takes a giveaway through its life: close, freeze, root, reveal, rank, award, each told in the room log.
 *
 * Every step reads where the giveaway stands, computes what follows from what is in the ledger, and writes only if it still stands there.
 * So a crash anywhere loses nothing: the next run finds the same list, gets the same root and winners, and goes on. What was written but
 * not told is told by the next run, under the same client key, which the log takes once.
 */
export function createAdvance(needs: Needs) {
  const { store, entries, lists, awards, threads, watchTime, funnel, log, askBeacon, payPoints, nowMs } = needs;
  const presenceAt = createPresence(needs);

  return {
    /** Does all steps that are due now. */
    async advance(giveawayId: string): Promise<void> {
      const step = async <T>(run: (giveaway: GiveawayRow) => Promise<T>) => run((await store.find(giveawayId))!);
      await step(tell);
      await step(({ state }) => (state === 'published' ? store.close(giveawayId, nowMs()) : Promise.resolve()));
      await step(tell);
      const list = await step(freeze);
      await step(tell);
      await step(notePresence);
      await step((giveaway) => draw(giveaway, list));
      await step(pay);
      await step(tell);
      await step(handOn);
      await step(countAgain);
    },
    /** Ends prizes that were not claimed in time, gives them to the next places, and tells the room. */
    async passOn(giveawayId: string): Promise<void> {
      const giveaway = (await store.find(giveawayId))!;
      await pay(giveaway);
      await handOn(giveaway);
    },
  };

  /**
   * Gives on what nobody claimed, when everybody who has a prize heard of it: or a room that can't be told would lose its prizes down the
   * whole line of alternates, none of whom knew. Points stay with whoever won them, however long they can't be paid: there is nothing that
   * their winner could have done in time.
   */
  async function handOn(giveaway: GiveawayRow): Promise<void> {
    const { giveawayId, state, rules, told } = giveaway;
    if (state !== 'drawn' || !told.includes('winners')) return;
    await announceAll(giveaway);
    if (rules.prize.prize === 'points') return;
    await awards.passOn(giveawayId, rules, nowMs());
    await announceAll(giveaway);
  }

  async function announceAll(giveaway: GiveawayRow): Promise<void> {
    const { lapsed, given } = await awards.unannounced(giveaway.giveawayId);
    if (lapsed.length > 0) await announceLapsed(giveaway, lapsed);
    for (const places of given) await announce(giveaway, places);
  }

  /** Places of one commit make one entry: its first place names it for ever, so that a second telling after a crash is none. */
  async function announce(giveaway: GiveawayRow, places: readonly Place[]): Promise<void> {
    const { giveawayId, roomId, rules } = giveaway;
    const claimBy = await awards.extend(giveawayId, numbersOf(places), rules, nowMs());
    const told = places.map((place) => ({ ...place, claimByMs: claimBy.get(place.place) ?? place.claimByMs }));
    await needs.tellWinners(told, giveaway);
    const winners = places.slice(0, limits.shownWinnersMax).map(shownWinner);
    const clientKey = `${giveawayId}:passed-on:${places[0]!.place}`;
    await log.append(roomId, 'giveaway:passed-on', { giveawayId, winners }, { senderId: 'server', clientKey });
    await awards.markAnnounced(giveawayId, numbersOf(places), 'given');
  }

  /** Also when nobody follows. Told again with what lapsed since, after a crash in between: a place lapses once, so that hearing it twice changes nothing. */
  async function announceLapsed({ giveawayId, roomId, rules }: GiveawayRow, lapsed: readonly Place[]): Promise<void> {
    const numbers = numbersOf(lapsed);
    const clientKey = `${giveawayId}:lapsed:${numbers[0]}:${numbers.length}`;
    const places = numbers.slice(0, limits.shownWinnersMax);
    // Whoever knows the first hundred winners alone can't know who is the next one to show.
    const winners =
      rules.prizeCount > limits.shownWinnersMax
        ? (await awards.holders(giveawayId, limits.shownWinnersMax)).map(shownWinner)
        : undefined;
    await log.append(roomId, 'giveaway:lapsed', { giveawayId, places, winners }, { senderId: 'server', clientKey });
    await awards.markAnnounced(giveawayId, numbers, 'lapsed');
  }

  /** @returns the list it has read and hashed, for a draw that follows at once; null when there was nothing to freeze. */
  async function freeze(giveaway: GiveawayRow): Promise<HashedList | null> {
    if (giveaway.state !== 'closing') return null;
    const list = await lists.whole(giveaway.giveawayId);
    const { root, entryCount } = list;
    // A list that was read short must never be signed.
    if (entryCount !== giveaway.entryCount)
      throw new Error(`giveaway ${giveaway.giveawayId} has ${giveaway.entryCount} entries, ${entryCount} were read`);
    const frozen = { entryCount, root: hexOf(root), frozenAtMs: Math.max(nowMs(), giveaway.rules.closesAtMs) };
    await store.freeze(giveaway.giveawayId, signFrozen(giveaway, frozen));
    return list;
  }

  async function draw(giveaway: GiveawayRow, list: HashedList | null): Promise<void> {
    if (giveaway.state !== 'frozen') return;
    const { giveawayId, rules, rulesHash } = giveaway;
    const inTime = nowMs() < rules.revealByMs;
    // Before the round is asked for: a list that was frozen too late has no round in its proof, though it is known by then.
    if (isTooLate(giveaway) || (!inTime && rules.ifUnrevealed === 'void')) {
      return store.void(giveawayId, nowMs());
    }
    const beacon = await beaconOf(giveaway);
    if (rules.beacon !== null && beacon === null) {
      // The rules let the beacon decide alone, and it can't be had: some day people must know that nobody wins.
      if (nowMs() >= rules.revealByMs + roundWaitMs) return store.void(giveawayId, nowMs());
      // Not out yet, or out of reach: asked again behind those that can be drawn.
      return store.wait(giveawayId, Math.max(nowMs(), beaconRoundAtMs(rules.beacon.chain, rules.beacon.round)));
    }
    const present = asksForPresence(giveaway) ? await store.present(giveawayId) : null;
    if (asksForPresence(giveaway) && present === null) return store.wait(giveawayId, nowMs());
    const seed = inTime ? hexOf(giveaway.seed) : null;
    const key = await drawKey(rules, rulesHash, { seed, beacon });
    const root = bytesOfHex(giveaway.frozen!.root);
    const placeCount = rules.prizeCount + rules.alternateCount;
    const isOfList = list !== null && hexOf(list.root) === giveaway.frozen!.root;
    const ids = isOfList ? list.ids : await entries.ids(giveawayId, giveaway.entryCount);
    const placed = await rankIds(threads, key, root, ids, placeCount);
    const there = placed.map((each) => ({
      ...each,
      present: present === null || isPresent(present, each.entryNumber),
    }));
    await awards.draw(giveaway, there, seed !== null, nowMs());
  }

  /** Who was there at the close, as soon as it is known and before anything is drawn: what is noted first holds for ever. */
  async function notePresence(giveaway: GiveawayRow): Promise<void> {
    const { giveawayId, state } = giveaway;
    if (state !== 'frozen' || !asksForPresence(giveaway) || (await store.present(giveawayId))) return;
    const present = await presenceAt(giveaway);
    if (present) await store.notePresent(giveawayId, present);
  }

  /** The round of the rules, checked and noted before anything is drawn from it. */
  async function beaconOf({ giveawayId, rules, beacon }: GiveawayRow): Promise<BeaconRound | null> {
    if (rules.beacon === null || beacon !== null) return beacon;
    const { chain, round } = rules.beacon;
    if (nowMs() < beaconRoundAtMs(chain, round)) return null;
    const fetched = await askBeacon(chain, round);
    if (fetched === null || !(await isGoodRound(threads, chain, round, fetched))) return null;
    await store.setBeacon(giveawayId, fetched);
    return fetched;
  }

  /**
   * Points need no claim: they go to whoever won them, member or not, so that nobody can keep a winner from them. Paying again after a
   * crash pays nothing: the award is the key of the payment. Before anything is passed on: who was paid must not lose the prize.
   */
  async function pay({ giveawayId, hostId, state, rules }: GiveawayRow): Promise<void> {
    if (state !== 'drawn' || rules.prize.prize !== 'points') return;
    const { points } = rules.prize;
    const offered = (await awards.holders(giveawayId, rules.prizeCount)).filter((place) => place.state === 'offered');
    for (const some of groupsOf(offered, paidAtOnce)) {
      const paid = await Promise.allSettled(some.map((place) => payPoints(place, hostId, points)));
      const settled = some.filter((_, i) => paid[i]!.status === 'fulfilled' && paid[i]!.value);
      await awards.settle(giveawayId, numbersOf(settled), nowMs());
      const failed = paid.find(({ status }) => status === 'rejected');
      if (failed) throw (failed as PromiseRejectedResult).reason; // Tried again; the others have theirs.
    }
  }

  /**
   * The winners of the draw, when the room was told: only then is it certain that they can know, and their time begins. What is said to each
   * alone may be lost. Noted afterwards, so that a crash tells them twice rather than never.
   */
  async function tellWinners(giveaway: GiveawayRow): Promise<void> {
    const { giveawayId, rules } = giveaway;
    const holders = () => awards.holders(giveawayId, rules.prizeCount);
    await awards.extend(giveawayId, numbersOf(await holders()), rules, nowMs());
    await needs.tellWinners(await holders(), giveaway);
  }

  async function tell(giveaway: GiveawayRow): Promise<void> {
    for (const { step, append } of stepsOf(giveaway)) {
      if (giveaway.told.includes(step)) continue;
      await append();
      await store.markTold(giveaway.giveawayId, step);
    }
  }

  /** Once more when no prize can be claimed any more: who used a right to buy, or bought because of it, is known only then. */
  async function countAgain(giveaway: GiveawayRow): Promise<void> {
    const { giveawayId, state, told } = giveaway;
    if (state !== 'drawn' || told.includes('settled')) return;
    const { untilMs, areOpen } = await awards.claims(giveawayId);
    // One past its time is decided by the order that holds it, or about to be passed on.
    const settlesAtMs = Math.max(untilMs ?? 0, areOpen ? nowMs() + openClaimMs : 0);
    if (nowMs() < settlesAtMs) return store.wait(giveawayId, settlesAtMs);
    await appendCounts(giveaway, 'settled', true);
    await store.markTold(giveawayId, 'settled');
  }

  async function appendCounts(giveaway: GiveawayRow, step: string, claimsOver: boolean): Promise<void> {
    const { giveawayId, roomId } = giveaway;
    const body = { giveawayId, claimsOver, ...(await funnel.of(giveaway)) };
    await log.append(roomId, 'giveaway:counted', body, { senderId: 'server', clientKey: `${giveawayId}:${step}` });
  }

  /** What the room log must have by now, and what begins with it, in order. */
  function stepsOf(giveaway: GiveawayRow): { step: string; append: () => Promise<unknown> }[] {
    const { giveawayId, roomId, state, rules, rulesHash, entryCount, frozen, cancelReason, seed, revealed } = giveaway;
    const once = (step: string) => ({ senderId: 'server', clientKey: `${giveawayId}:${step}` });
    const steps: { step: string; append: () => Promise<unknown> }[] = [
      {
        step: 'published',
        append: async () => {
          await watchTime.keepUntil(roomId, rules.closesAtMs);
          return log.append(roomId, 'giveaway:published', { giveawayId, rules, rulesHash }, once('published'));
        },
      },
    ];
    if (state === 'published') return steps;
    if (state === 'cancelled') {
      const body = { giveawayId, reason: cancelReason! };
      return [
        ...steps,
        { step: 'cancelled', append: () => log.append(roomId, 'giveaway:cancelled', body, once('cancelled')) },
      ];
    }
    const closed = { giveawayId, entryCount };
    steps.push({ step: 'closing', append: () => log.append(roomId, 'giveaway:closed', closed, once('closed')) });
    if (frozen)
      steps.push({
        step: 'frozen',
        append: () => log.append(roomId, 'giveaway:frozen', { giveawayId, frozen }, once('frozen')),
      });
    if (state === 'void') {
      const body = { giveawayId, reason: voidReasons[whyVoid({ rules, frozen: frozen! })] };
      steps.push({ step: 'void', append: () => log.append(roomId, 'giveaway:void', body, once('void')) });
    }
    if (state === 'drawn') {
      const append = async () => {
        const places = await awards.holders(giveawayId, limits.shownWinnersMax);
        const body = { giveawayId, seed: revealed ? hexOf(seed) : null, winners: places.map(shownWinner) };
        return log.append(roomId, 'giveaway:drawn', body, once('drawn'));
      };
      // Who came of it so far, so that the log alone tells what a giveaway was worth.
      const count = () => appendCounts(giveaway, 'counted', false);
      // The result first: nobody waits for it while a long list is counted.
      steps.push(
        { step: 'drawn', append },
        { step: 'winners', append: () => tellWinners(giveaway) },
        { step: 'counted', append: count },
      );
    }
    return steps;
  }
}

const numbersOf = (places: readonly Place[]): number[] => places.map(({ place }) => place);

const isTooLate = ({ rules, frozen }: GiveawayRow): boolean => frozen !== null && isFrozenTooLate({ rules, frozen });
