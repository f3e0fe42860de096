import type { TellPerson } from '../../gateway/tell-person.ts';
import type { RoomView } from '../room/rooms.ts';

type Needs = {
  waiting: (roomId: string) => Promise<number>;
  staffOf: (roomId: string) => Promise<readonly { personId: string }[]>;
  tell: TellPerson;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** A flood of held messages calls the staff of a room once in this time, ms. */
const gapMs = 2_000;

/** Tells host and staff of a room that messages wait for them: soon after the first, then once for all that follow in a while. */
export function createStaffCall({ waiting, staffOf, tell, after, onError }: Needs) {
  /** Rooms that were told lately; true when something was held since. Each room is there for one gap at a time. */
  const told = new Map<string, boolean>();

  return function call({ roomId, hostId }: Pick<RoomView, 'roomId' | 'hostId'>): void {
    if (told.has(roomId)) return void told.set(roomId, true);
    told.set(roomId, false);
    tellNow(roomId, hostId).catch((error: unknown) => onError(error, roomId));
    after(gapMs, () => {
      const again = told.get(roomId);
      told.delete(roomId);
      if (again) call({ roomId, hostId });
    });
  };

  async function tellNow(roomId: string, hostId: string): Promise<void> {
    const [staff, count] = await Promise.all([staffOf(roomId), waiting(roomId)]);
    for (const personId of new Set([hostId, ...staff.map((helper) => helper.personId)]))
      tell(personId, 'chat:waiting', { roomId, waiting: count });
  }
}
