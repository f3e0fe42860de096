import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { PutOuts } from '../moderation/put-outs.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { keptAwaySince } from './kept-away.ts';
import { presentWithinMs } from './tasks.ts';
import { backWithinMs, type GatewayReports, type Reports, type WatchTime } from './watch-time.ts';

type Needs = {
  entries: Pick<EntryStore, 'people'>;
  watchTime: Pick<WatchTime, 'of' | 'reports' | 'gatewayReports'>;
  putOuts: PutOuts;
  nowMs: () => number;
};

/** So near to the close the last report may lie, ms: the next one was only due. */
const lateMs = 10_000;
/** A room of which nothing is reported is empty when gateways have reported others, or that they have none, for so long, ms. */
const emptyGraceMs = 60_000;
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
 * after the close, a gateway, a Redis or a ledger that was away for a while, a Redis that lost everything. While no gateway reports nobody
 * can come back: an outage is waited out, however long. And whoever was there when an outage over the close began counts as there, since
 * nobody could see them leave: who has given up after an hour lost nothing by it.
 */
export function createPresence({ entries, watchTime, putOuts, nowMs }: Needs) {
  /** @returns who was there, a bit for each entry; null while people may be missed who were. */
  return async function presenceAt(giveaway: GiveawayRow): Promise<Bytes | null> {
    const { giveawayId, roomId, rules, entryCount } = giveaway;
    const { opensAtMs, closesAtMs } = rules;
    const [reports, gateways] = await Promise.all([watchTime.reports(roomId), watchTime.gatewayReports()]);
    const isSettled =
      reports.lastMs >= settledAt(reports, closesAtMs) || emptyForMs(reports, gateways, closesAtMs) >= emptyGraceMs;
    // Waiting has an end: the seed must be revealed in time.
    if (!isSettled && nowMs() < rules.revealByMs - backWithinMs) return null;
    const keptAway = keptAwaySince(await putOuts.since(giveaway, opensAtMs), closesAtMs);
    const quiet = quietTime(reports, closesAtMs);
    const lastSeenMs = couldLeaveUntil(gateways, closesAtMs);
    const askedFrom = (personId: string): number => {
      const inRoomUntilMs = Math.min(lastSeenMs, keptAway.get(personId) ?? lastSeenMs);
      // Put out while nobody was reported, they can't come back to be seen: nobody else must gain by it.
      const isUnseen = inRoomUntilMs < lastSeenMs && quiet.fromMs <= inRoomUntilMs && inRoomUntilMs < quiet.untilMs;
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
    return present;
  };
}

/** How long gateways have reported since the close, or since they are back, and nobody of this room, ms. */
const emptyForMs = (room: Reports, gateways: GatewayReports, closesAtMs: number): number =>
  gateways.lastMs - Math.max(gateways.steadyMs, room.lastMs, closesAtMs);

/**
 * Until when whoever left did so of their own will: the close, or when an outage over it began, in which no gateway reported. Over the
 * close is also what ended too shortly before it for people to come back, and what ended so before another outage over it.
 */
function couldLeaveUntil({ lastMs, outages }: GatewayReports, closesAtMs: number): number {
  // Nobody is back, or not yet.
  const isOut = lastMs > 0 && lastMs < closesAtMs - lateMs;
  const newestFirst = isOut ? [{ fromMs: lastMs, untilMs: Infinity }, ...outages] : outages;
  return newestFirst.reduce(
    (untilMs, outage) => (outage.fromMs < untilMs && untilMs < outage.untilMs + backWithinMs ? outage.fromMs : untilMs),
    closesAtMs,
  );
}

/** The report that settles it: the one that was due at the close when none was missing before, else one that gave people time to come back. */
function settledAt({ steadyMs }: Reports, closesAtMs: number): number {
  const hadBreak = steadyMs > closesAtMs - presentWithinMs;
  return Math.max(closesAtMs - lateMs, hadBreak ? steadyMs + backWithinMs : 0);
}

/** The latest time in which nobody was reported: it may last to this day. */
function quietTime(
  { lastMs, steadyMs, quietFromMs }: Reports,
  closesAtMs: number,
): { fromMs: number; untilMs: number } {
  if (lastMs < closesAtMs - lateMs) return { fromMs: lastMs, untilMs: Infinity };
  return { fromMs: quietFromMs, untilMs: steadyMs };
}
