import {
  beaconRoundAtMs,
  verifyBeaconRound,
  type BeaconRound,
  type DrandChain,
} from '../../../shared/raffle/beacon.ts';
import { bytesOfHex, hexOf } from '../../../shared/raffle/bytes.ts';
import { drawKey, type Placed } from '../../../shared/raffle/ranking.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { AwardStore, Place } from './awards.ts';
import { rankPages, rootOfPages } from './draw.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow, GiveawayStore } from './giveaways.ts';
import { signFrozen } from './receipts.ts';
import { shownWinner, shownWinnersMax } from './shown.ts';
import { isPresent } from './tasks.ts';
import type { WatchTime } from './watch-time.ts';

type Needs = {
  store: GiveawayStore;
  entries: EntryStore;
  awards: AwardStore;
  threads: DrawThreads;
  watchTime: Pick<WatchTime, 'of'>;
  log: RoomLog;
  /** A round of a public chain; null while it can't be had. */
  fetchBeacon: (chain: DrandChain, round: number) => Promise<BeaconRound | null>;
  /** Pays out a prize of points. Idempotent by award. */
  payPoints: (place: Place, giveaway: GiveawayRow, points: number) => Promise<void>;
  /** Says it to the winner alone. Best effort: who is away finds it in the list of wins. */
  tellWinner: (place: Place, giveaway: GiveawayRow) => void;
  nowMs: () => number;
};

/**
 * Takes a giveaway through its life: close, freeze, root, reveal, rank, award, each told in the room log.
 *
 * Every step reads where the giveaway stands, computes what follows from what is in the ledger, and writes only if it still stands there.
 * So a crash anywhere loses nothing: the next run finds the same list, gets the same root and winners, and goes on. What was written but
 * not told is told by the next run, under the same client key, which the log takes once.
 */
export function createAdvance(needs: Needs) {
  const { store, entries, awards, threads, watchTime, log, fetchBeacon, payPoints, tellWinner, nowMs } = needs;

  return {
    /** Does all steps that are due now. */
    async advance(giveawayId: string): Promise<void> {
      const step = async (run: (giveaway: GiveawayRow) => Promise<unknown>) => run((await store.find(giveawayId))!);
      await step(tell);
      await step(({ state }) => (state === 'published' ? store.close(giveawayId, nowMs()) : Promise.resolve()));
      await step(tell);
      await step(freeze);
      await step(tell);
      await step(draw);
      await step(award);
      await step(tell);
    },
    /** Ends prizes that were not claimed in time and gives them to the next places. */
    async passOn(giveawayId: string): Promise<void> {
      await awards.forfeit(giveawayId, nowMs());
      const giveaway = (await store.find(giveawayId))!;
      const places = await award(giveaway);
      if (places.length === 0) return;
      const winners = places.slice(0, shownWinnersMax).map(shownWinner);
      const clientKey = `${giveawayId}:passed-on:${places.map(({ place }) => place).join(',')}`;
      await log.append(
        giveaway.roomId,
        'giveaway:passed-on',
        { giveawayId, winners },
        { senderId: 'server', clientKey },
      );
    },
  };

  async function freeze(giveaway: GiveawayRow): Promise<void> {
    if (giveaway.state !== 'closing') return;
    const { root, entryCount } = await rootOfPages(threads, entries.pages(giveaway.giveawayId));
    // A list that was read short must never be signed.
    if (entryCount !== giveaway.entryCount)
      throw new Error(`giveaway ${giveaway.giveawayId} has ${giveaway.entryCount} entries, ${entryCount} were read`);
    const frozen = { entryCount, root: hexOf(root), frozenAtMs: Math.max(nowMs(), giveaway.rules.closesAtMs) };
    await store.freeze(giveaway.giveawayId, signFrozen(giveaway, frozen));
  }

  async function draw(giveaway: GiveawayRow): Promise<void> {
    if (giveaway.state !== 'frozen') return;
    const { giveawayId, rules, rulesHash } = giveaway;
    const beacon = await beaconOf(giveaway);
    const inTime = nowMs() < rules.revealByMs;
    if (!inTime && rules.ifUnrevealed === 'void') return store.void(giveawayId, nowMs());
    if (rules.beacon !== null && beacon === null) return; // Not out yet, or out of reach; the next run asks again.
    const seed = inTime ? hexOf(giveaway.seed) : null;
    const key = await drawKey(rules, rulesHash, { seed, beacon });
    const root = bytesOfHex(giveaway.frozen!.root);
    const placeCount = rules.prizeCount + rules.alternateCount;
    const placed = await rankPages(threads, key, root, entries.pages(giveawayId), placeCount);
    await awards.draw(giveawayId, await withPresence(giveaway, placed), seed !== null, nowMs());
  }

  /** The round of the rules, checked and noted before anything is drawn from it. */
  async function beaconOf({ giveawayId, rules, beacon, frozen }: GiveawayRow): Promise<BeaconRound | null> {
    if (rules.beacon === null || beacon !== null) return beacon;
    const { chain, round } = rules.beacon;
    // A list frozen too late for its beacon proves nothing: it waits for the default of the rules.
    if (frozen!.frozenAtMs >= beaconRoundAtMs(chain, round) || nowMs() < beaconRoundAtMs(chain, round)) return null;
    const fetched = await fetchBeacon(chain, round);
    if (fetched === null || !(await verifyBeaconRound(chain, round, fetched))) return null;
    await store.setBeacon(giveawayId, fetched);
    return fetched;
  }

  async function award(giveaway: GiveawayRow): Promise<Place[]> {
    if (giveaway.state !== 'drawn') return [];
    const given = await awards.offer(giveaway.giveawayId, giveaway.rules, nowMs());
    await payAll(giveaway);
    for (const place of given) tellWinner(place, giveaway);
    return given;
  }

  /** Who must be there is asked at the moment of the draw, for alternates too: they were there or not, whenever a prize comes free. */
  async function withPresence({ giveawayId, rules, roomId }: GiveawayRow, placed: readonly Placed[]) {
    const asked = rules.tasks.some(({ task }) => task === 'present-at-draw');
    if (!asked) return placed.map((each) => ({ ...each, present: true }));
    const people = await entries.peopleOf(
      giveawayId,
      placed.map(({ entryNumber }) => entryNumber),
    );
    const seen = await watchTime.of(roomId, people);
    return placed.map((each, i) => ({ ...each, present: isPresent(seen[i]!, nowMs()) }));
  }

  /** Points need no claim. Paying again after a crash pays nothing: the award is the key of the payment. */
  async function payAll(giveaway: GiveawayRow): Promise<void> {
    const { giveawayId, rules } = giveaway;
    if (rules.prize.prize !== 'points') return;
    for (const place of await awards.places(giveawayId, rules.prizeCount + rules.alternateCount)) {
      if (place.state !== 'offered') continue;
      await payPoints(place, giveaway, rules.prize.points);
      await awards.claim(giveawayId, place.personId, null, nowMs());
    }
  }

  async function tell(giveaway: GiveawayRow): Promise<void> {
    for (const { step, append } of stepsOf(giveaway)) {
      if (giveaway.told.includes(step)) continue;
      await append();
      await store.markTold(giveaway.giveawayId, step);
    }
  }

  /** What the room log must have by now, in order. The last step has the name of the state. */
  function stepsOf(giveaway: GiveawayRow): { step: string; append: () => Promise<unknown> }[] {
    const { giveawayId, roomId, state, rules, rulesHash, entryCount, frozen, cancelReason, seed, revealed } = giveaway;
    const once = (step: string) => ({ senderId: 'server', clientKey: `${giveawayId}:${step}` });
    const steps = [
      {
        step: 'published',
        append: () => log.append(roomId, 'giveaway:published', { giveawayId, rules, rulesHash }, once('published')),
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
      const body = { giveawayId, reason: 'The seed was not revealed in time.' };
      steps.push({ step: 'void', append: () => log.append(roomId, 'giveaway:void', body, once('void')) });
    }
    if (state === 'drawn') {
      const append = async () => {
        const places = await awards.places(giveawayId, Math.min(rules.prizeCount, shownWinnersMax));
        const body = { giveawayId, seed: revealed ? hexOf(seed) : null, winners: places.map(shownWinner) };
        return log.append(roomId, 'giveaway:drawn', body, once('drawn'));
      };
      steps.push({ step: 'drawn', append });
    }
    return steps;
  }
}
