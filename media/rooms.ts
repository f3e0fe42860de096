import { AppError } from '../shared/errors.ts';
import type { MediaEvent } from '../shared/media-link.ts';
import { createFlowWatch } from './flow-watch.ts';
import { mediaProcessLimits } from './limits.ts';
import type { MediaLog } from './log.ts';
import { createRoom, type HalfOpen, type Room } from './room/room.ts';
import type { Workers } from './workers.ts';

type Needs = {
  workers: Workers;
  log: MediaLog;
  nowMs: () => number;
  tell(event: MediaEvent): void;
  loadMax: number | undefined;
};
export type Rooms = ReturnType<typeof createRooms>;

const sweepEveryMs = 500;

/** All rooms of this process, and the bounds on what clients may leave half done. */
export function createRooms({ workers, log, nowMs, tell, loadMax }: Needs) {
  const rooms = new Map<string, Room>();
  const halfOpen: HalfOpen = { sessions: new Set(), opening: 0 };
  const flow = createFlowWatch({ nowMs, tell });
  const sweeping = setInterval(() => {
    for (const session of halfOpen.sessions) {
      if (nowMs() - session.openedAtMs > mediaProcessLimits.connectWithinMs) session.close('half-open');
    }
    void flow.look(rooms.values());
  }, sweepEveryMs);

  return {
    all: (): Iterable<Room> => rooms.values(),
    find: (roomId: string): Room | undefined => rooms.get(roomId),
    halfOpen: (): number => halfOpen.sessions.size,
    /**
     * The room, for a new session of this person.
     * @throws AppError RATE_LIMITED when too many clients don't finish, UNAVAILABLE when there are too many rooms.
     */
    take(roomId: string, ownerId: string): Room {
      makePlace(roomId, ownerId);
      return rooms.get(roomId) ?? open(roomId);
    },
    close(): void {
      clearInterval(sweeping);
      for (const room of rooms.values()) for (const session of room.sessions().values()) session.close('stopping');
    },
  };

  function open(roomId: string): Room {
    if (rooms.size >= mediaProcessLimits.roomsMax) throw new AppError('UNAVAILABLE', 'No further room fits in here.');
    const onEmpty = (): boolean => rooms.delete(roomId);
    const room = createRoom({ roomId, workers, log, nowMs, tell, loadMax, halfOpen, onEmpty });
    rooms.set(roomId, room);
    return room;
  }

  function makePlace(roomId: string, ownerId: string): void {
    const own = [...halfOpen.sessions].filter((session) => session.ownerId === ownerId && session.roomId === roomId);
    if (own.length >= mediaProcessLimits.halfOpenPerOwnerMax) own[0]!.close('half-open');
    else if (halfOpen.sessions.size + halfOpen.opening >= mediaProcessLimits.halfOpenMax) {
      throw new AppError('RATE_LIMITED', 'Too many connections are being set up.', { retryAfterMs: 2_000 });
    }
  }
}
