import type { SanctionKind } from '../../../shared/protocol/moderation.ts';
import type { BanNetworks } from './ban-networks.pg.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import type { InForce, ReadStandingRules } from './standing-rules.pg.ts';
import type { Folded } from './folding.ts';
import { createWordFilter, type FoundWord, type WordFilter } from './word-filter.ts';
import type { WordStore } from './words.pg.ts';

/** What stands in a room: who may not do what, and which words nobody may say. */
export type RoomRules = {
  /** How long yet (ms) a sanction of one of these kinds stands; `Infinity` until it is lifted; null when none does. */
  stands(personId: string, ...kinds: SanctionKind[]): number | null;
  /** A word of the room or of the platform. */
  findBanned(text: Folded): FoundWord | null;
  hostId: string;
  /** Networks of the banned, by mark, with when they were banned (Unix ms); null unless the host keeps new guests out. */
  banNetworks: ReadonlyMap<string, number> | null;
};

type Needs = {
  readStanding: ReadStandingRules;
  words: Pick<WordStore, 'list'>;
  networks: Pick<BanNetworks, 'standing'>;
  hostOf: (roomId: string) => Promise<string>;
  changes: RoomChanges;
  nowMs: () => number;
  /** ms since any fixed moment, never jumping. */
  elapsedMs: () => number;
};

/** While nobody would tell us of changes, what was read is believed this long, ms. */
const untoldMs = 2_000;
const roomsMax = 5_000;
/** Filters kept for lists that do not change. */
const filtersMax = 500;

export type RoomRulesCache = ReturnType<typeof createRoomRules>;

/** Rules of rooms, read when first asked for, forgotten when the room's log, a signal or the ledger says that they changed. */
export function createRoomRules({ readStanding, words, networks, hostOf, changes, nowMs, elapsedMs }: Needs) {
  const known = createShortMemory({ read, freshMs: () => changes.freshMs(untoldMs), keysMax: roomsMax, nowMs });
  changes.onChange((isChanged) => known.forgetWhere((roomId, found) => !found || isChanged(roomId, found.hostId)));
  const filters = createFilters();
  let platform: WordFilter | null = null;

  return {
    of: known.of,
    forget: known.forget,
    /** Takes up what changed in the words of the platform. */
    async refreshPlatform(): Promise<void> {
      await readPlatform();
    },
  };

  async function readPlatform(): Promise<WordFilter> {
    return (platform = filters.of('platform', await words.list(null)));
  }

  async function read(roomId: string): Promise<RoomRules> {
    const hostId = await hostOf(roomId);
    const { sanctioned, words: banned, keepOutNewGuests } = await readStanding(hostId, roomId);
    const readAtMs = elapsedMs();
    const banNetworks = keepOutNewGuests ? await networks.standing(hostId, roomId) : null;
    const byPerson = Map.groupBy(sanctioned, ({ personId }) => personId);
    const filter = filters.of(roomId, banned);
    // Nobody speaks by rules that lack the words of the platform, as they would right after the start.
    const first = platform ?? (await readPlatform());
    return {
      stands: (personId, ...kinds) => leftOf(byPerson.get(personId) ?? [], kinds, elapsedMs() - readAtMs),
      findBanned: (text) => filter.find(text) ?? (platform ?? first).find(text),
      hostId,
      banNetworks,
    };
  }
}

/** Filters by where they stand, made anew when the words have changed: a long list takes tens of ms. */
function createFilters() {
  const made = new Map<string, { words: string; filter: WordFilter }>();

  return {
    of(where: string, list: readonly string[]): WordFilter {
      const words = list.join('\n');
      const found = made.get(where);
      const next = found?.words === words ? found : { words, filter: createWordFilter(list) };
      made.delete(where);
      if (list.length > 0) made.set(where, next);
      if (made.size > filtersMax) made.delete(made.keys().next().value!);
      return next.filter;
    },
  };
}

function leftOf(sanctioned: readonly InForce[], kinds: readonly SanctionKind[], sinceReadMs: number): number | null {
  const left = sanctioned
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ leftMs }) => (leftMs ?? Infinity) - sinceReadMs)
    .filter((leftMs) => leftMs > 0);
  return left.length > 0 ? Math.max(...left) : null;
}
