import type { MediaEvent } from '../shared/media-link.ts';
import { createAudience } from './audience.ts';
import { createBitrateLimit } from './bitrate-limit.ts';
import { createFlowWatch } from './flow-watch.ts';
import { mediaProcessLimits } from './limits.ts';
import type { MediaLog } from './log.ts';
import { createHalfOpen } from './half-open.ts';
import { noPlace } from './room/crowd.ts';
import { createRoom, type Room } from './room/room.ts';
import { isWatching, type Session, type SessionRequest } from './room/session.ts';
import { measureEveryMs, type Workers } from './workers.ts';

type Needs = {
  workers: Workers;
  log: MediaLog;
  nowMs: () => number;
  tell(event: MediaEvent): void;
  loadMax: number | undefined;
  publisherBitrateMaxBps: number;
  /** Whether one viewer more may come, beside so many who are just coming. */
  hasRoom(coming: number): boolean;
};
export type Rooms = ReturnType<typeof createRooms>;

const sweepEveryMs = 500;

/** All rooms of this process, and the bounds on what clients may leave half done. */
export function createRooms({ workers, log, nowMs, tell, loadMax, publisherBitrateMaxBps, hasRoom }: Needs) {
  const rooms = new Map<string, Room>();
  let sessionsSoFar = 0;
  const nextNumber = (): number => ++sessionsSoFar;
  const isShown = (roomId: string): boolean => (rooms.get(roomId)?.published().length ?? 0) > 0;
  const halfOpen = createHalfOpen(nowMs, hasRoom, isShown);
  const bitrate = createBitrateLimit({ nowMs, log, publisherBitrateMaxBps });
  const flow = createFlowWatch({ nowMs, tell, onReceived: bitrate.received });
  const audience = createAudience();
  const looking = setInterval(() => {
    // Also while nobody comes: a rush is judged by the seconds before it. First: behind the look some are no longer expected, and not all
    // of what they use may have been measured yet.
    hasRoom(0);
    audience.look();
  }, measureEveryMs);
  const sweeping = setInterval(() => {
    halfOpen.sweep();
    void flow.look(rooms.values());
  }, sweepEveryMs);

  return {
    all: (): Iterable<Room> => rooms.values(),
    find: (roomId: string): Room | undefined => rooms.get(roomId),
    halfOpen: halfOpen.count,
    viewers: audience.viewers,
    settledViewers: audience.settledViewers,
    isFlowing: flow.isFlowing,
    /** For a session that is opened, here or on another host: larger than that of any before. */
    nextNumber,
    /** Sessions that watch, in the order they were opened: at most `max` whose number is larger than `after`. */
    watching: (after: number, max: number): Session[] =>
      [...rooms.values()]
        .flatMap((room) => [...room.sessions().values()].filter(({ number }) => number > after))
        .filter(isWatching)
        .sort((one, other) => one.number - other.number)
        .slice(0, max),
    /**
     * The room, for a session that is opened in it right away: an empty room goes with its last session. For a publisher one in which
     * nobody publishes makes place.
     * @param direction  of that session; a room that is relayed here is for viewers
     * @throws AppError RATE_LIMITED when there are too many rooms.
     */
    take: (roomId: string, direction: SessionRequest['direction'] = 'watch'): Room =>
      rooms.get(roomId) ?? open(roomId, direction),
    close(): void {
      clearInterval(looking);
      clearInterval(sweeping);
      for (const room of rooms.values()) for (const session of room.sessions().values()) session.close('stopping');
    },
  };

  function open(roomId: string, direction: SessionRequest['direction']): Room {
    if (rooms.size >= mediaProcessLimits.roomsMax && direction === 'publish') endSmallestAudience();
    if (rooms.size >= mediaProcessLimits.roomsMax) throw noPlace('No further room fits in here.');
    const onEmpty = (): boolean => rooms.delete(roomId);
    const shared = {
      workers,
      log,
      nowMs,
      tell,
      loadMax,
      publisherBitrateMaxBps,
      halfOpen,
      audience,
      nextNumber,
      admit: bitrate.admit,
    };
    const room = createRoom({ roomId, onEmpty, ...shared });
    rooms.set(roomId, room);
    return room;
  }

  /** Who waits for a host, in whatever room, keeps no other host out. */
  function endSmallestAudience(): void {
    const audiences = [...rooms.values()].filter((room) => room.isAudience());
    const [smallest] = audiences.toSorted((one, other) => one.sessions().size - other.sessions().size);
    for (const session of [...(smallest?.sessions().values() ?? [])]) session.close('crowded-out');
  }
}
