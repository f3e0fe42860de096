import { AppError } from '../../../shared/errors.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { ModerationSettings, Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import type { NoteAction } from '../actions/actions.ts';
import { isStaff, type Rooms } from '../room/rooms.ts';
import type { BanNetworks } from './ban-networks.pg.ts';
import type { CarryingOut, Where } from './carrying-out.ts';
import { foldWord } from './folding.ts';
import type { SanctionStore } from './sanctions.pg.ts';
import { listCharactersMax, wordsMax, type WordStore } from './words.pg.ts';

type Needs = {
  rooms: Rooms;
  sanctions: SanctionStore;
  words: WordStore;
  networks: BanNetworks;
  carryingOut: CarryingOut;
  /** What stands in a room has changed: every gateway that serves it reads it again, and puts out who may not be there. */
  changed: (roomId: string) => Promise<void>;
  platformWordsChanged: () => Promise<void>;
  /** @throws AppError RATE_LIMITED for who changes words too often. */
  takeWordChange: (personId: string) => void;
  /** Of sanctions, and that they are lifted, the ledger notes it itself. */
  note: NoteAction;
};

type Listed = { roomId: string; rows: number; before?: string | null | undefined };
type Liftable = { roomId: string; personId: string; kind?: SanctionKind | null | undefined };

/** Of a list of words, what is noted of who changed it, UTF-16 units. */
const notedLengthMax = 500;
/** Who was kicked may come back after this time, s. */
const kickSeconds = 60;
/**
 * These follow a person into every room of the host when the host speaks them; all else ends with the room.
 * @see docs/decisions/0023-bans-reach-as-far-as-their-speaker.md
 */
const countEverywhere: ReadonlySet<SanctionKind> = new Set(['ban', 'shadow_ban']);

export type Moderation = ReturnType<typeof createModeration>;

/** Order in a room: sanctions on people, and words nobody may say. */
export function createModeration(needs: Needs) {
  const { rooms, sanctions, words, networks, carryingOut, changed, platformWordsChanged, takeWordChange, note } = needs;

  return {
    /** Host and staff can't be sanctioned, and staff can't sanction the host. @throws AppError CONFLICT. */
    async sanction(byId: string, input: Input<'moderation:sanction'>): Promise<{ untilMs: number | null }> {
      const { roomId, personId, kind, reason = null, purge: purges, tellReason } = input;
      const seconds = secondsOf(input);
      const { hostId } = await rooms.get(roomId);
      const where = { hostId, roomId, everywhere: byId === hostId && countEverywhere.has(kind) };
      await refuseStaff(where, personId);
      const spoken = await sanctions
        .add({
          ...where,
          personId,
          kind,
          reason,
          byId,
          seconds,
          purges,
          tellsReason: tellReason && kind !== 'shadow_ban',
        })
        .catch(async (error: unknown) => {
          // Also when there is no such person any more: the lines of a guest outlive the guest.
          if (purges && error instanceof AppError && error.code === 'NOT_FOUND') {
            await carryingOut.purge({ roomId, personId, byId });
            await note({ roomId, byId, kind: 'messages-purged', personId, once: `purged ${personId}` });
          }
          throw error;
        });
      await carryingOut.carryOut(spoken);
      return { untilMs: spoken.untilMs };
    },
    /** Staff lift what counts in their room alone; what counts in all rooms of the host, the host does. */
    async lift(byId: string, { roomId, personId, kind = null }: Liftable): Promise<{ lifted: number }> {
      const { hostId } = await rooms.get(roomId);
      const where = { hostId, roomId, everywhere: byId === hostId };
      await carryingOut.carryOutAmong({ ...where, personId, kind });
      const lifted = await sanctions.lift({ ...where, personId, kind, byId });
      await carryingOut.inRooms(where, changed);
      await carryingOut.tellLifted(lifted, roomId);
      return { lifted: new Set(lifted.map((one) => one.kind)).size };
    },
    async list({ roomId, rows, before = null }: Listed): Promise<{ sanctions: Sanction[] }> {
      const { hostId } = await rooms.get(roomId);
      return { sanctions: await sanctions.standing(hostId, roomId, { rows, before }) };
    },
    async settings(roomId: string): Promise<ModerationSettings> {
      return { keepOutNewGuests: await networks.isOn((await rooms.get(roomId)).hostId) };
    },
    async configure(
      byId: string,
      roomId: string,
      { keepOutNewGuests }: ModerationSettings,
    ): Promise<ModerationSettings> {
      const { hostId } = await rooms.get(roomId);
      const before = await networks.isOn(hostId);
      await networks.set(hostId, keepOutNewGuests);
      if (keepOutNewGuests !== before)
        await note({ roomId, byId, kind: 'new-guests', detail: { on: keepOutNewGuests } });
      await carryingOut.inRooms({ hostId, roomId, everywhere: true }, changed);
      return { keepOutNewGuests };
    },
    words: listed,
    /** `roomId` null: on the whole platform. */
    async addWords(byId: string, roomId: string | null, added: readonly string[]): Promise<{ words: string[] }> {
      takeWordChange(byId);
      const folded = added.map(foldedWord);
      const empty = folded.find((entry) => entry.folded === '');
      if (empty) throw new AppError('BAD_INPUT', `words: "${empty.word}" has no letters or digits`);
      const fresh = await words.add(roomId, folded, byId);
      if (!fresh)
        throw new AppError(
          'CONFLICT',
          `A list has ${wordsMax} words, and ${listCharactersMax} characters, at the most.`,
          {
            reason: 'too-many',
          },
        );
      await noteWords(byId, roomId, 'words-added', fresh);
      return reloaded(roomId);
    },
    async removeWords(byId: string, roomId: string | null, removed: readonly string[]): Promise<{ words: string[] }> {
      takeWordChange(byId);
      const found = await words.remove(roomId, removed.map(foldedWord));
      await noteWords(byId, roomId, 'words-removed', found);
      return reloaded(roomId);
    },
  };

  /** What changed. Words of the platform are no room's. */
  async function noteWords(
    byId: string,
    roomId: string | null,
    kind: 'words-added' | 'words-removed',
    list: readonly string[],
  ): Promise<void> {
    if (roomId === null || list.length === 0) return;
    await note({ roomId, byId, kind, detail: { text: list.join(', ').slice(0, notedLengthMax) } });
  }

  async function reloaded(roomId: string | null): Promise<{ words: string[] }> {
    await (roomId === null ? platformWordsChanged() : changed(roomId));
    return listed(roomId);
  }

  async function listed(roomId: string | null): Promise<{ words: string[] }> {
    return { words: await words.list(roomId) };
  }

  /** What counts in all rooms of a host can't be spoken against somebody who helps in one of them. */
  async function refuseStaff({ hostId, roomId, everywhere }: Where, personId: string): Promise<void> {
    if (isStaff(await rooms.relations(roomId, personId)) || (everywhere && (await rooms.helpsIn(hostId, personId))))
      throw new AppError('CONFLICT', 'Host and staff can not be sanctioned; take their role away first.', {
        reason: 'staff-not-sanctioned',
      });
  }
}

const foldedWord = (word: string) => ({ word, folded: foldWord(word) });

function secondsOf({ kind, seconds }: Input<'moderation:sanction'>): number | null {
  if (kind === 'timeout' && seconds === undefined) throw new AppError('BAD_INPUT', 'seconds: a timeout needs them');
  return kind === 'kick' ? kickSeconds : (seconds ?? null);
}
