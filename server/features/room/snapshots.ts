import type { Position } from '../room-log/room-log.ts';
import { setNewest } from '../../../shared/newest.ts';

/** One part of the snapshot of a room: state that a newcomer needs, the same for everybody who may see the room. */
export type SnapshotPart = (roomId: string) => Promise<unknown>;

export type Snapshots = ReturnType<typeof createSnapshots>;

type Parts = Record<string, unknown>;
type Read = { asOf: Position; readAtMs: number; parts: Promise<Parts> };

/** A snapshot may be this old, ms, when no commerce or host entry came since: numbers in it may lag that much. */
const freshMs = 1_000;
const readsMax = 2_000;

/**
 * State of rooms for newcomers, put together from what the features contribute. A thousand people who enter at the same time
 * cost one read.
 */
export function createSnapshots({ nowMs }: { nowMs: () => number }) {
  const sources = new Map<string, SnapshotPart>();
  const reads = new Map<string, Read>();

  return {
    /** Adds a part under a name. @throws Error when the name is taken. */
    add(name: string, part: SnapshotPart): void {
      if (sources.has(name)) throw new Error(`two features add a snapshot part ${name}`);
      sources.set(name, part);
    },
    /** The state of a room that has, at the least, everything up to a position in its log. */
    of: read,
  };

  function read(roomId: string, asOf: Position): Promise<Parts> {
    const known = reads.get(roomId);
    const isFresh = known && nowMs() - known.readAtMs < freshMs && reaches(known.asOf, asOf);
    if (isFresh) return known.parts;
    const parts = readAll(roomId);
    setNewest(reads, roomId, { asOf, readAtMs: nowMs(), parts }, readsMax);
    parts.catch(() => reads.delete(roomId));
    return parts;
  }

  async function readAll(roomId: string): Promise<Parts> {
    const named = [...sources].map(async ([name, part]) => [name, await part(roomId)] as const);
    return Object.fromEntries(await Promise.all(named));
  }
}

const reaches = (known: Position, wanted: Position): boolean =>
  known.epoch === wanted.epoch && known.offset >= wanted.offset;
