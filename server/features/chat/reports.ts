import { AppError } from '../../../shared/errors.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import type { Report } from '../../../shared/protocol/chat.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import type { ReportStore } from './reports.pg.ts';
import type { SaidMessages } from './said-messages.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  said: Pick<SaidMessages, 'find'>;
  store: ReportStore;
  /** Takes a line back, as staff do. */
  remove: (byId: string, roomId: string, messageId: string) => Promise<unknown>;
  /** Tells host and staff that what waits for them has changed. */
  callStaff: (room: RoomView) => void;
  /** @throws AppError RATE_LIMITED for who reports too much too fast. */
  takeReport: (personId: string) => void;
};

export type Reports = ReturnType<typeof createReports>;

/** Lines that viewers report, and what host and staff decide about them. The line is kept as it was when it was reported. */
export function createReports({ rooms, said, store, remove, callStaff, takeReport }: Needs) {
  return {
    /** @throws AppError NOT_FOUND when there is no such line, or no more. */
    async report(personId: string, input: Input<'chat:report'>): Promise<Output<'chat:report'>> {
      takeReport(personId);
      const { roomId, messageId, reason = null } = input;
      const [room, found] = await Promise.all([rooms.get(roomId), said.find(roomId, messageId)]);
      if (!found || found.takenBack) throw new AppError('NOT_FOUND', 'There is no such message.');
      if (found.message.senderId === personId) throw new AppError('BAD_INPUT', 'messageId: this is your own line');
      const outcome = await store.add({ roomId, personId, message: found.message, reason });
      if (outcome === 'new') callStaff(room);
      return { outcome: outcome === 'full' ? 'too_many' : 'reported' };
    },
    async open(roomId: string, rows: number): Promise<{ reports: Report[] }> {
      return { reports: await store.open(roomId, rows) };
    },
    /**
     * Taken back before it is settled: who dies in between leaves it on the list, and it is decided again.
     *
     * @throws AppError FORBIDDEN for staff who would keep a line of their own: somebody else, or the host, decides about it.
     */
    async settle(
      byId: string,
      { roomId, messageId, remove: removes }: Input<'chat:settle'>,
    ): Promise<{ settled: true }> {
      const senderId = await store.senderOf(roomId, messageId);
      if (senderId === null) return { settled: true }; // Somebody else was quicker.
      const room = await rooms.get(roomId);
      if (!removes && senderId === byId && room.hostId !== byId)
        throw new AppError('FORBIDDEN', 'Somebody else decides about your own line.', { reason: 'own-self' });
      if (removes) await remove(byId, roomId, messageId);
      await store.settle(roomId, messageId, byId);
      callStaff(room); // The others look at the same list.
      return { settled: true };
    },
    /** Nobody has to decide about the lines of who was sent away, and whose lines are gone. */
    withdraw: store.settleAllOf,
  };
}
