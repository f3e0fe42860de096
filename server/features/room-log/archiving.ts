import type { Position } from '../../../shared/protocol/room.ts';
import { eachOf, groupsOf } from '../../platform/each-of.ts';
import type { Archive, Stretch, TakenBack } from './archive.pg.ts';
import { keptUpTo, type LogEnd, type LogStore } from './log-store.ts';
import type { News, NewsOf } from './news.redis.ts';

type Needs = {
  store: Pick<LogStore, 'end' | 'ends' | 'entriesAfter' | 'entriesAfterEach'>;
  news: Pick<News, 'waiting' | 'settle'>;
  archive: Archive;
  /** Hears what is about to be archived; returns, soon, whether all who listen have taken account of it. */
  hear: (stretches: readonly Stretch[]) => Promise<boolean>;
  /** Takes back in this life of a log what was taken back in the one before. @see taken-back-again.ts */
  takeBackAgain: (roomId: string, redacted: readonly TakenBack[], epoch: string) => Promise<void>;
  retentionDays: number;
  /** So many entries of a room were trimmed from its log before they could be taken: the archive has a hole for ever. */
  onLost: (roomId: string, entries: number) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Entries written in one statement. */
const batchMax = 1_000;
/** Batches of one room in one round, so that a busy room does not keep the others waiting. */
const batchesMax = 20;
/** Rooms whose ends and positions are read in one call. */
const comparedMax = 250;
/** Rooms taken at a time; each has a connection of PostgreSQL. */
const atOnce = 4;
/** A room with no more entries than this is taken together with others, so many in one transaction. */
const littleMax = 100;
const togetherMax = 50;
/** Things taken back again in a new life of a log: those of the second or so that a server loses. */
const takenBackAgainMax = 500;
/** Rows deleted in one round; 20 rounds a minute keep up with 60,000 entries a minute. */
const deletedMax = 3_000;

/** A room, how far the archive has come in it, and how many entries are left; null when it is level, in the same life of the log. */
type Compared = NewsOf & { archivedTo: Position | null; behind: number | null };
/** One with few entries, of which the archive has something already. */
type Little = Compared & { archivedTo: Position };

/** Moves room logs into the archive, and out of it when their time is over. Run by one process at a time. */
export function createArchiving(needs: Needs) {
  const { store, news, archive, hear, takeBackAgain, retentionDays, onLost, onError } = needs;
  /** Where rooms stood that were level in the last round: the archive never goes back, so of these it is not asked again. */
  let levelAt: ReadonlyMap<string, Position> = new Map();

  return {
    /**
     * Takes what is new in every room with news. What fails is taken next time. Most rooms with news are level already, which is seen
     * hundreds at a time; who is most behind comes first. Where little happened, many rooms share a transaction.
     */
    async takeNews(): Promise<void> {
      const rooms = await compare(await news.waiting());
      const level = rooms.filter(({ behind }) => behind === null);
      levelAt = new Map(level.flatMap(({ roomId, archivedTo }) => (archivedTo ? [[roomId, archivedTo]] : [])));
      const waiting = rooms.filter(({ behind }) => behind !== null).sort((a, b) => b.behind! - a.behind!);
      const [little, much] = [waiting.filter(hasLittle), waiting.filter((room) => !hasLittle(room))];
      await eachOf(much, atOnce, takeAlone);
      await eachOf(groupsOf(little, togetherMax), atOnce, takeTogether);
      await eachOf(level, atOnce, (room) => guarded(room, () => news.settle(room)));
    },
    deleteOld: (): Promise<number> => archive.deleteOlderThan(retentionDays, deletedMax),
  };

  async function compare(rooms: readonly NewsOf[]): Promise<Compared[]> {
    const compared: Compared[] = [];
    for (const some of groupsOf(rooms, comparedMax)) {
      const roomIds = some.map(({ roomId }) => roomId);
      const ends = await store.ends(roomIds);
      const isLevel = (roomId: string, i: number): boolean => behindOf(ends[i]!, levelAt.get(roomId) ?? null) === null;
      const positions = await archive.positions(roomIds.filter((roomId, i) => !isLevel(roomId, i)));
      some.forEach((room, i) => {
        const archivedTo = positions.get(room.roomId) ?? levelAt.get(room.roomId) ?? null;
        compared.push({ ...room, archivedTo, behind: behindOf(ends[i]!, archivedTo) });
      });
    }
    return compared;
  }

  /** Rooms that can't be taken like this, because there is more to them or because one of them fails, are taken alone. */
  async function takeTogether(rooms: readonly Little[]): Promise<void> {
    for (const room of await addTogether(rooms).catch(() => rooms)) await takeAlone(room);
  }

  /** Returns the rooms that are in another life of their log by now, or have a hole. */
  async function addTogether(rooms: readonly Little[]): Promise<Little[]> {
    const places = rooms.map(({ roomId, archivedTo: { offset } }) => ({ roomId, offset }));
    const read = await store.entriesAfterEach(places, batchMax);
    // After the entries: a log that is in the same life still was so when they were read.
    const ends = await store.ends(rooms.map(({ roomId }) => roomId));
    const follows = ({ archivedTo }: Little, i: number): boolean =>
      ends[i]?.epoch === archivedTo.epoch && read[i]![0]?.offset === archivedTo.offset + 1;
    const stretches = rooms.map(({ roomId, archivedTo }, i) => ({
      roomId,
      epoch: archivedTo.epoch,
      entries: read[i]!,
    }));
    await add(stretches.filter((_, i) => follows(rooms[i]!, i)));
    return rooms.filter((room, i) => !follows(room, i));
  }

  /**
   * Heard before it counts as archived: who is stopped between the two hears it again. Nobody is waited for long; what was not taken
   * account of is noted in the transaction that archives it. @see hearing-owed.ts
   */
  async function add(stretches: readonly Stretch[]): Promise<void> {
    if (stretches.length === 0) return;
    await archive.add(stretches, { isOwed: !(await hear(stretches)) });
  }

  async function takeAlone(room: Compared): Promise<void> {
    await guarded(room, async () => (await takeRoom(room)) && news.settle(room));
  }

  /** Returns whether that was all there is. */
  async function takeRoom({ roomId, archivedTo }: Compared): Promise<boolean> {
    const end = await store.end(roomId); // Again: the log may be in another life when the turn of this room comes.
    if (!end) return true;
    let from = await startOf(roomId, end, archivedTo);
    for (let batches = 0; from < end.offset && batches < batchesMax; batches += 1) {
      const entries = await store.entriesAfter(roomId, from, batchMax);
      // After them: in another life of the log, they may be of that one.
      if ((await store.end(roomId))?.epoch !== end.epoch) return false;
      const lost = (entries[0]?.offset ?? end.offset + 1) - from - 1;
      from = entries.at(-1)?.offset ?? end.offset;
      if (entries.length > 0) await add([{ roomId, epoch: end.epoch, entries }]);
      else await archive.moveTo(roomId, { epoch: end.epoch, offset: from });
      if (lost > 0) onLost(roomId, lost); // Told when the archive has gone past it, which is once.
    }
    return from >= end.offset;
  }

  /**
   * The archive goes on where it was, also in a life of the log that continues the one it knows; else from the beginning. It notes
   * every life it sees, also one in which nothing happened: the log forgets old ones.
   */
  async function startOf(roomId: string, end: LogEnd, archivedTo: Position | null): Promise<number> {
    const offset = keptOf(end, archivedTo);
    if (archivedTo?.epoch === end.epoch) return offset;
    if (end.before.length > 0) await redactAgain(roomId, end.epoch, offset);
    await archive.moveTo(roomId, { epoch: end.epoch, offset });
    return offset;
  }

  /** What the log lost with its end may have taken back what it still has. */
  async function redactAgain(roomId: string, epoch: string, offset: number): Promise<void> {
    const [last] = await store.entriesAfter(roomId, offset - 1, 1);
    const isKept = last?.offset === offset;
    const since = await archive.redactedSince(roomId, isKept ? last.atMs : 0, takenBackAgainMax);
    // What the last entry that was kept takes back itself was not lost.
    const redacted = since.filter(({ what }) => !isKept || !last.redacts.includes(what));
    if (redacted.length > 0) await takeBackAgain(roomId, redacted, epoch);
  }

  async function guarded({ roomId }: NewsOf, run: () => Promise<unknown>): Promise<void> {
    await run().catch((error: unknown) => onError(error, roomId));
  }
}

const keptOf = (end: LogEnd, archivedTo: Position | null): number => (archivedTo && keptUpTo(archivedTo, end)) ?? 0;

const hasLittle = (room: Compared): room is Little => room.archivedTo !== null && room.behind! <= littleMax;

/** @see Compared. `end` is null for a log that is gone: there is nothing to take. */
function behindOf(end: LogEnd | null, archivedTo: Position | null): number | null {
  if (!end || (archivedTo?.epoch === end.epoch && archivedTo.offset >= end.offset)) return null;
  return end.offset - keptOf(end, archivedTo);
}
