import type { SanctionKind } from '../../../shared/protocol/moderation.ts';
import type { BanNetworks } from './ban-networks.pg.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import type { InForce, ReadStandingRules } from './standing-rules.pg.ts';
import type { Folded } from './folding.ts';
import { createWordFilter, type FoundWord, type WordFilter } from './word-filter.ts';
import { listCharactersMax, type WordStore } from './words.pg.ts';

/** What stands in a room: who may not do what, and which words nobody may say. */
export type RoomRules = {
  /** How long yet (ms) a sanction of one of these kinds stands; `Infinity` until it is lifted; null when none does. */
  stands(personId: string, ...kinds: SanctionKind[]): number | null;
  /** Why it stands, of that which stands longest, in the words of who spoke it, if the person is to know; else null. */
  toldReason(personId: string, ...kinds: SanctionKind[]): string | null;
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
/** Filters are kept for lists that do not change, some 50 of the longest: so many units of their words together. */
const unitsKeptMax = 50 * listCharactersMax;

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
    /** A word of the platform: for what is said in no room, as a name. */
    findBannedAnywhere: async (text: Folded): Promise<FoundWord | null> =>
      (platform ?? (await readPlatform())).find(text),
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
    // Nobody speaks by rules that lack the words of the platform, as they would right after the start.
    const first = platform ?? (await readPlatform());
    const longest = (personId: string, kinds: readonly SanctionKind[]) => {
      const inForce = byPerson.get(personId); // Hardly anybody has one, and each line asks several times.
      return inForce ? longestOf(inForce, kinds, elapsedMs() - readAtMs) : null;
    };
    return {
      stands: (personId, ...kinds) => longest(personId, kinds)?.leftMs ?? null,
      toldReason: (personId, ...kinds) => longest(personId, kinds)?.told ?? null,
      // Made when somebody speaks: who only looks at rooms makes nobody work.
      findBanned: (text) => filters.of(roomId, banned).find(text) ?? (platform ?? first).find(text),
      hostId,
      banNetworks,
    };
  }
}

/** Filters by where they stand, made anew when the words have changed, which takes some ms for the longest list. */
function createFilters() {
  const made = new Map<string, Made>();
  let unitsKept = 0;

  return {
    of(where: string, list: readonly string[]): WordFilter {
      if (list.length === 0) {
        forget(where);
        return noWords;
      }
      const found = made.get(where);
      // The list is the very same one until somebody reads it anew.
      const isSame = found && (found.list === list || areSame(found.list, list));
      const filter = isSame ? found.filter : createWordFilter(list, found?.filter.folded);
      forget(where);
      if (filter.units === 0) return filter;
      made.set(where, { list, filter });
      unitsKept += filter.units;
      for (const oldest of made.keys()) {
        if (unitsKept <= unitsKeptMax) break;
        forget(oldest);
      }
      return filter;
    },
  };

  function forget(where: string): void {
    unitsKept -= made.get(where)?.filter.units ?? 0;
    made.delete(where);
  }
}

const noWords: WordFilter = { find: () => null, units: 0, folded: new Map() };
type Made = { list: readonly string[]; filter: WordFilter };

const areSame = (list: readonly string[], other: readonly string[]): boolean =>
  list.length === other.length && list.every((word, i) => word === other[i]);

/** The one that stands longest; of those that stand alike, one that says why. */
function longestOf(sanctioned: readonly InForce[], kinds: readonly SanctionKind[], sinceReadMs: number) {
  const [longest = null] = sanctioned
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ leftMs, told }) => ({ leftMs: (leftMs ?? Infinity) - sinceReadMs, told }))
    .filter(({ leftMs }) => leftMs > 0)
    .sort((a, b) => (a.leftMs === b.leftMs ? Number(b.told !== null) - Number(a.told !== null) : b.leftMs - a.leftMs));
  return longest;
}
