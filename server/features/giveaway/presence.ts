import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { PutOuts } from '../moderation/put-outs.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { keptAwaySince } from './kept-away.ts';
import { presentWithinMs } from './tasks.ts';
import type { Reports, WatchTime } from './watch-time.ts';

type Needs = {
  entries: Pick<EntryStore, 'people'>;
  watchTime: Pick<WatchTime, 'of' | 'reports'>;
  putOuts: PutOuts;
  nowMs: () => number;
};

/** So near to the close the last report may lie, ms: the next one was only due. */
const lateMs = 10_000;
/** After a break in the reports people need so long to come back and be reported, ms. */
const graceMs = 15_000;
/** Where nothing is reported the room may be empty, or no gateway is back yet. So long one is waited for, ms. */
const emptyGraceMs = 60_000;
/** Who has not asked for so long was away, or could not reach Redis: the wait begins again, ms. */
const askingBreakMs = 15_000;
/** Giveaways waited for at once. The oldest is forgotten, and its wait begins again. */
const waitsMax = 10_000;
/** Entrants looked up at once. */
const peopleAtOnce = 10_000;

export const asksForPresence = ({ rules }: Pick<GiveawayRow, 'rules'>): boolean =>
  rules.tasks.some(({ task }) => task === 'present-at-draw');

/** Whether an entry is among those that were there. @param present a bit for each entry, see the column. */
export const isPresent = (present: Uint8Array, entryNumber: number): boolean =>
  ((present[entryNumber >>> 3]! >>> (entryNumber & 7)) & 1) === 1;

/**
 * Who must be there was there at the close, or came after it. Not "is there now": the sight of somebody only ever moves on, so whoever
 * was there in time stays there however late this is asked. And whom those who run the room put out counts as there when they were there
 * until then: making others absent would be a way to choose who wins.
 *
 * Whether people may have been missed is read from the reports themselves, whatever broke them: a server that restarted before, at or
 * after the close, a gateway or a Redis that was away for a while, a Redis that lost everything.
 */
export function createPresence({ entries, watchTime, putOuts, nowMs }: Needs) {
  const waits = new Map<string, { fromMs: number; lastMs: number }>();

  /** @returns who was there, a bit for each entry; null while people may be missed who were. */
  return async function presenceAt(giveaway: GiveawayRow): Promise<Bytes | null> {
    const { giveawayId, roomId, rules, entryCount } = giveaway;
    const { opensAtMs, closesAtMs } = rules;
    const reports = await watchTime.reports(roomId);
    const waitedMs = waitedFor(giveawayId);
    const isSettled = reports.lastMs >= settledAt(reports, closesAtMs) || waitedMs >= emptyGraceMs;
    // Waiting has an end: the seed must be revealed in time.
    if (!isSettled && nowMs() < rules.revealByMs - graceMs) return null;
    const keptAway = keptAwaySince(await putOuts.since(giveaway, opensAtMs), closesAtMs);
    const quiet = quietTime(reports, closesAtMs);
    const askedFrom = (personId: string): number => {
      const inRoomUntilMs = Math.min(closesAtMs, keptAway.get(personId) ?? closesAtMs);
      // Put out while nobody was reported, they can't come back to be seen: nobody else must gain by it.
      const isUnseen = inRoomUntilMs < closesAtMs && quiet.fromMs <= inRoomUntilMs && inRoomUntilMs < quiet.untilMs;
      return (isUnseen ? quiet.fromMs : inRoomUntilMs) - presentWithinMs;
    };
    const present = new Uint8Array(Math.ceil(entryCount / 8));
    for (let first = 0; first < entryCount; first += peopleAtOnce) {
      const people = await entries.people(giveawayId, first, peopleAtOnce);
      const personIds = people.map(({ personId }) => personId);
      const seen = await watchTime.of(roomId, personIds);
      for (const [i, { seenAtMs }] of seen.entries())
        if (seenAtMs >= askedFrom(personIds[i]!)) present[(first + i) >>> 3]! |= 1 << ((first + i) & 7);
    }
    waits.delete(giveawayId);
    return present;
  };

  /** How long it has been asked without a break whether all have been reported, ms. */
  function waitedFor(giveawayId: string): number {
    const now = nowMs();
    const before = waits.get(giveawayId);
    const fromMs = before && now - before.lastMs <= askingBreakMs ? before.fromMs : now;
    waits.delete(giveawayId);
    waits.set(giveawayId, { fromMs, lastMs: now });
    if (waits.size > waitsMax) waits.delete(waits.keys().next().value!);
    return now - fromMs;
  }
}

/** The report that settles it: the one that was due at the close when none was missing before, else one that gave people time to come back. */
function settledAt({ steadyMs }: Reports, closesAtMs: number): number {
  const hadBreak = steadyMs > closesAtMs - presentWithinMs;
  return Math.max(closesAtMs - lateMs, hadBreak ? steadyMs + graceMs : 0);
}

/** The latest time in which nobody was reported: it may last to this day. */
function quietTime(
  { lastMs, steadyMs, quietFromMs }: Reports,
  closesAtMs: number,
): { fromMs: number; untilMs: number } {
  if (lastMs < closesAtMs - lateMs) return { fromMs: lastMs, untilMs: Infinity };
  return { fromMs: quietFromMs, untilMs: steadyMs };
}
