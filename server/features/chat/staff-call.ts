import type { TellPerson } from '../../gateway/tell-person.ts';

type Needs = {
  waiting: (roomId: string) => Promise<number>;
  hostOf: (roomId: string) => Promise<string>;
  staffOf: (roomId: string) => Promise<readonly { personId: string }[]>;
  tell: TellPerson;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** A flood of lines that wait, or of decisions, calls the staff of a room once in this time, ms. */
const gapMs = 2_000;

/** Tells host and staff of a room that what waits for them has changed: soon after the first, then once for all that follows in a while. */
export function createStaffCall({ waiting, hostOf, staffOf, tell, after, onError }: Needs) {
  /** Rooms that were told lately; true when something was held since. Each room is there for one gap at a time. */
  const told = new Map<string, boolean>();

  return function call(roomId: string): void {
    if (told.has(roomId)) return void told.set(roomId, true);
    told.set(roomId, false);
    tellNow(roomId).catch((error: unknown) => onError(error, roomId));
    after(gapMs, () => {
      const again = told.get(roomId);
      told.delete(roomId);
      if (again) call(roomId);
    });
  };

  async function tellNow(roomId: string): Promise<void> {
    const [hostId, staff, count] = await Promise.all([hostOf(roomId), staffOf(roomId), waiting(roomId)]);
    for (const personId of new Set([hostId, ...staff.map((helper) => helper.personId)]))
      tell(personId, 'chat:waiting', { roomId, waiting: count });
  }
}
