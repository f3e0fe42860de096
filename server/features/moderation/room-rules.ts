import type { Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import type { SanctionStore } from './sanctions.pg.ts';
import { createWordFilter, type FoundWord, type WordFilter } from './word-filter.ts';
import type { WordStore } from './words.pg.ts';

/** What stands in a room: who may not do what, and which words nobody may say. */
export type RoomRules = {
  /** Until when (Unix ms) a sanction of one of these kinds stands; `Infinity` until it is lifted; null when none does. */
  stands(personId: string, ...kinds: SanctionKind[]): number | null;
  /** A word of the room or of the platform. */
  findBanned(text: string): FoundWord | null;
};

type Needs = {
  sanctions: Pick<SanctionStore, 'standing'>;
  words: Pick<WordStore, 'list'>;
  hostOf: (roomId: string) => Promise<string>;
  nowMs: () => number;
};

type Known = { rules: Promise<RoomRules>; readAtMs: number };

/** A gateway that does not serve a room does not hear of its changes: what it read is believed this long, ms. */
const freshMs = 2_000;
const roomsMax = 5_000;

export type RoomRulesCache = ReturnType<typeof createRoomRules>;

/** Rules of rooms, read when first asked for, forgotten when the room's log or a signal says that they changed. */
export function createRoomRules({ sanctions, words, hostOf, nowMs }: Needs) {
  const known = new Map<string, Known>();
  let platform: WordFilter = createWordFilter([]);
  let platformWords = '';

  return {
    of(roomId: string): Promise<RoomRules> {
      const found = known.get(roomId);
      if (found && nowMs() - found.readAtMs < freshMs) return found.rules;
      const rules = read(roomId);
      known.delete(roomId);
      known.set(roomId, { rules, readAtMs: nowMs() });
      if (known.size > roomsMax) known.delete(known.keys().next().value!);
      rules.catch(() => known.delete(roomId));
      return rules;
    },
    forget: (roomId: string): void => void known.delete(roomId),
    /** Takes up what changed in the words of the platform. */
    async refreshPlatform(): Promise<void> {
      const list = await words.list(null);
      if (list.join('\n') === platformWords) return;
      platformWords = list.join('\n');
      platform = createWordFilter(list);
    },
  };

  async function read(roomId: string): Promise<RoomRules> {
    const hostId = await hostOf(roomId);
    const [standing, banned] = await Promise.all([sanctions.standing(hostId, roomId), words.list(roomId)]);
    const byPerson = Map.groupBy(standing, ({ personId }) => personId);
    const filter = createWordFilter(banned);
    return {
      stands: (personId, ...kinds) => latestOf(byPerson.get(personId) ?? [], kinds, nowMs()),
      findBanned: (text) => filter.find(text) ?? platform.find(text),
    };
  }
}

function latestOf(sanctions: readonly Sanction[], kinds: readonly SanctionKind[], now: number): number | null {
  const ends = sanctions
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ untilMs }) => untilMs ?? Infinity)
    .filter((untilMs) => untilMs > now);
  return ends.length > 0 ? Math.max(...ends) : null;
}
