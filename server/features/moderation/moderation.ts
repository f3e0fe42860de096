import { AppError } from '../../../shared/errors.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { ModerationSettings, Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import { allOf } from '../room-log/redacts.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import { isStaff, type Rooms } from '../room/rooms.ts';
import type { BanNetworks } from './ban-networks.pg.ts';
import { fold } from './folding.ts';
import type { NetworkMarks } from './network-marks.redis.ts';
import type { SanctionStore } from './sanctions.pg.ts';
import { wordsMax, type WordStore } from './words.pg.ts';

type Needs = {
  rooms: Rooms;
  log: RoomLog;
  sanctions: SanctionStore;
  words: WordStore;
  networks: BanNetworks;
  marks: Pick<NetworkMarks, 'seen'>;
  /** What stands in a room has changed: every gateway that serves it reads it again, and puts out who may not be there. */
  changed: (roomId: string) => Promise<void>;
  /** From now on nothing that this person says in a room gets into its log, whichever gateway they say it to. @see room-log/log-store.ts */
  silence: (roomId: string, personId: string) => Promise<void>;
  unsilence: (roomId: string, personId: string) => Promise<void>;
  platformWordsChanged: () => Promise<void>;
  /** Takes away what somebody who is not welcome any more left in rooms: what is pinned, and what waits for a moderator. */
  withdraw: (roomIds: readonly string[], personId: string, byId: string) => Promise<void>;
};

type Where = { hostId: string; roomId: string; everywhere: boolean };

type Liftable = { roomId: string; personId: string; kind?: SanctionKind | null | undefined };

/** Who was kicked may come back after this time, s. */
const kickSeconds = 60;
/** These follow a person into every room of the host; the others end with the room. */
const countEverywhere: ReadonlySet<SanctionKind> = new Set(['ban', 'shadow_ban']);

export type Moderation = ReturnType<typeof createModeration>;

/** Order in a room: sanctions on people, and words nobody may say. */
export function createModeration(needs: Needs) {
  const { rooms, log, sanctions, words, networks, marks, changed, platformWordsChanged, withdraw } = needs;
  const { silence, unsilence } = needs;

  return {
    /** Host and staff can't be sanctioned, and staff can't sanction the host. @throws AppError CONFLICT. */
    async sanction(byId: string, input: Input<'moderation:sanction'>): Promise<{ untilMs: number | null }> {
      const { roomId, personId, kind, reason = null, purge } = input;
      const seconds = secondsOf(input);
      const { hostId } = await rooms.get(roomId);
      const where = { hostId, roomId, everywhere: countEverywhere.has(kind) };
      await refuseStaff(where, personId);
      try {
        const untilMs = await sanctions.add({ ...where, personId, kind, reason, byId, seconds });
        if (kind === 'ban') await noteNetwork(hostId, roomId, personId);
        const concerned = await roomsOf(where);
        await Promise.all(concerned.map((id) => silence(id, personId)));
        await Promise.all(concerned.map(changed));
        const tellAll = () => Promise.all(concerned.map((id) => tell(id, { personId, kind, untilMs })));
        if (kind === 'ban') await withdrawing(concerned, personId, byId, tellAll);
        else if (kind !== 'shadow_ban') await tellAll();
        return { untilMs };
      } finally {
        // Also when there is no such person any more: the lines of a guest outlive the guest.
        if (purge) await purgeAll(roomId, personId, byId);
      }
    },
    async lift(byId: string, { roomId, personId, kind = null }: Liftable): Promise<{ lifted: number }> {
      const { hostId } = await rooms.get(roomId);
      const kinds = await sanctions.lift({ hostId, roomId, personId, kind, byId });
      const concerned = await roomsOf({ hostId, roomId, everywhere: true });
      await Promise.all(concerned.map((id) => unsilence(id, personId)));
      await Promise.all(concerned.map(changed));
      const told = kinds.filter((lifted) => lifted !== 'shadow_ban');
      if (told.length > 0) await log.append(roomId, 'moderation:lifted', { personId, kinds: told });
      return { lifted: kinds.length };
    },
    async list(roomId: string): Promise<{ sanctions: Sanction[] }> {
      const { hostId } = await rooms.get(roomId);
      return { sanctions: await sanctions.standing(hostId, roomId) };
    },
    async settings(roomId: string): Promise<ModerationSettings> {
      return { keepOutNewGuests: await networks.isOn((await rooms.get(roomId)).hostId) };
    },
    async configure(roomId: string, { keepOutNewGuests }: ModerationSettings): Promise<ModerationSettings> {
      const { hostId } = await rooms.get(roomId);
      await networks.set(hostId, keepOutNewGuests);
      await Promise.all((await roomsOf({ hostId, roomId, everywhere: true })).map(changed));
      return { keepOutNewGuests };
    },
    words: listed,
    /** `roomId` null: on the whole platform. */
    async addWords(byId: string, roomId: string | null, added: readonly string[]): Promise<{ words: string[] }> {
      const folded = added.map((word) => ({ word, folded: fold(word).text }));
      const empty = folded.find((entry) => entry.folded === '');
      if (empty) throw new AppError('BAD_INPUT', `words: "${empty.word}" has no letters or digits`);
      if (!(await words.add(roomId, folded, byId)))
        throw new AppError('CONFLICT', `A list has ${wordsMax} words at the most.`, { reason: 'too-many' });
      return reloaded(roomId);
    },
    async removeWords(roomId: string | null, removed: readonly string[]): Promise<{ words: string[] }> {
      await words.remove(
        roomId,
        removed.map((word) => fold(word).text),
      );
      return reloaded(roomId);
    },
  };

  async function noteNetwork(hostId: string, roomId: string, personId: string): Promise<void> {
    const mark = await marks.seen(roomId, personId);
    if (mark) await networks.note(hostId, personId, mark);
  }

  /** Where a sanction counts. The room it was spoken in is always there, also when it is over. */
  async function roomsOf({ hostId, roomId, everywhere }: Where): Promise<string[]> {
    return everywhere ? [...new Set([roomId, ...(await rooms.openOf(hostId))])] : [roomId];
  }

  async function purgeAll(roomId: string, personId: string, byId: string): Promise<void> {
    await withdrawing([roomId], personId, byId, () =>
      log.append(roomId, 'chat:purged', { personId }, { redacts: [allOf(personId)] }),
    );
  }

  /** Withdrawn before it is told, for who dies on the way; and after, when whoever pins a message of theirs sees in the log that it is gone. */
  async function withdrawing(roomIds: string[], personId: string, byId: string, tellIt: () => Promise<unknown>) {
    await withdraw(roomIds, personId, byId);
    await tellIt();
    await withdraw(roomIds, personId, byId);
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

  /** A ban redacts what the person said, in each room it counts in: it does not come back through recovery. */
  async function tell(roomId: string, what: { personId: string; kind: SanctionKind; untilMs: number | null }) {
    const redacts = what.kind === 'ban' ? [allOf(what.personId)] : [];
    await log.append(roomId, 'moderation:sanctioned', what, { redacts });
  }
}

function secondsOf({ kind, seconds }: Input<'moderation:sanction'>): number | null {
  if (kind === 'timeout' && seconds === undefined) throw new AppError('BAD_INPUT', 'seconds: a timeout needs them');
  return kind === 'kick' ? kickSeconds : (seconds ?? null);
}
