import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { PutOuts } from '../moderation/put-outs.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { keptAwaySince } from './kept-away.ts';
import { presentWithinMs } from './tasks.ts';
import type { WatchTime } from './watch-time.ts';

type Needs = {
  entries: Pick<EntryStore, 'people'>;
  watchTime: Pick<WatchTime, 'of' | 'knownSince'>;
  putOuts: PutOuts;
  nowMs: () => number;
};

/** After a restart, or a loss of Redis, people need so long to come back and be reported, ms. */
const graceMs = 15_000;
/** A room of which nothing at all is known may be empty, or Redis lost it and no gateway is back yet. So long it is waited for one, ms. */
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
 */
export function createPresence({ entries, watchTime, putOuts, nowMs }: Needs) {
  const startedAtMs = nowMs();

  /** @returns who was there, a bit for each entry; null while people may be missed who were. */
  return async function presenceAt(giveaway: GiveawayRow): Promise<Bytes | null> {
    const { giveawayId, roomId, rules, entryCount } = giveaway;
    const { opensAtMs, closesAtMs } = rules;
    const knownSinceMs = await watchTime.knownSince(roomId);
    const settledAtMs = settledAt(giveaway, knownSinceMs);
    // Waiting has an end: the seed must be revealed in time.
    if (nowMs() < Math.min(settledAtMs, rules.revealByMs - graceMs)) return null;
    const keptAway = keptAwaySince(await putOuts.since(giveaway, opensAtMs), closesAtMs);
    const askedFromMs = (personId: string): number => {
      const awaySinceMs = keptAway.get(personId) ?? closesAtMs;
      // A Redis that was lost since then knows nothing of them, and they can't come back to be seen: nobody else must gain by it.
      const isForgotten = awaySinceMs < closesAtMs && awaySinceMs < (knownSinceMs ?? Infinity);
      return isForgotten ? 0 : Math.min(closesAtMs, awaySinceMs) - presentWithinMs;
    };
    const present = new Uint8Array(Math.ceil(entryCount / 8));
    for (let first = 0; first < entryCount; first += peopleAtOnce) {
      const people = await entries.people(giveawayId, first, peopleAtOnce);
      const personIds = people.map(({ personId }) => personId);
      const seen = await watchTime.of(roomId, personIds);
      for (const [i, { seenAtMs }] of seen.entries())
        if (seenAtMs >= askedFromMs(personIds[i]!)) present[(first + i) >>> 3]! |= 1 << ((first + i) & 7);
    }
    return present;
  };

  /** When everybody who was there has been reported: by a Redis that knew the room before the close, and a server that was up then. */
  function settledAt({ rules, frozen }: GiveawayRow, knownSinceMs: number | null): number {
    const wasAway = Math.max(startedAtMs, frozen!.frozenAtMs - presentWithinMs) > rules.closesAtMs;
    const serverSettledMs = wasAway ? Math.max(startedAtMs, frozen!.frozenAtMs) + graceMs : 0;
    return Math.max(redisSettledAt({ rules, frozen }, knownSinceMs), serverSettledMs);
  }
}

/** When a Redis that lost the room has heard of everybody again; 0 when it knew the room in time. */
function redisSettledAt({ rules, frozen }: Pick<GiveawayRow, 'rules' | 'frozen'>, knownSinceMs: number | null): number {
  if (knownSinceMs === null) return frozen!.frozenAtMs + emptyGraceMs;
  const askedFromMs = rules.closesAtMs - presentWithinMs;
  return knownSinceMs > askedFromMs ? knownSinceMs + graceMs : 0;
}
