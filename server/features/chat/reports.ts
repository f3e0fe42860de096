import { AppError } from '../../../shared/errors.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import type { Report } from '../../../shared/protocol/chat.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { Rooms } from '../room/rooms.ts';
import type { ReportStore } from './reports.pg.ts';
import type { SaidMessages } from './said-messages.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  said: Pick<SaidMessages, 'find'>;
  store: ReportStore;
  /** Takes a line back, as staff do. */
  remove: (byId: string, roomId: string, messageId: string) => Promise<unknown>;
  /** Tells host and staff that what waits for them has changed. */
  callStaff: (roomId: string) => void;
  note: NoteAction;
  /** @throws AppError RATE_LIMITED for who reports too much too fast. */
  takeReport: (personId: string) => void;
};

export type Reports = ReturnType<typeof createReports>;

/** Lines that viewers report, and what host and staff decide about them. The line is kept as it was when it was reported. */
export function createReports({ rooms, said, store, remove, callStaff, note, takeReport }: Needs) {
  return {
    /** @throws AppError NOT_FOUND when there is no such line, or no more. */
    async report(personId: string, input: Input<'chat:report'>): Promise<Output<'chat:report'>> {
      takeReport(personId);
      const { roomId, messageId, reason = null } = input;
      const found = await said.find(roomId, messageId);
      if (!found || found.takenBack) throw new AppError('NOT_FOUND', 'There is no such message.');
      if (found.message.senderId === personId) throw new AppError('BAD_INPUT', 'messageId: this is your own line');
      const outcome = await store.add({ roomId, personId, message: found.message, reason });
      if (outcome === 'new') callStaff(roomId);
      return { outcome: outcome === 'full' ? 'too_many' : 'reported' };
    },
    async open(roomId: string, rows: number): Promise<{ reports: Report[] }> {
      return { reports: await store.open(roomId, rows) };
    },
    /**
     * The first decision counts, and whoever comes later is told it. It is noted before the line is taken back, and off the list after:
     * who dies in between leaves it there, and whoever decides again, either way, has it taken back.
     *
     * @throws AppError FORBIDDEN for staff who would keep a line of their own: somebody else, or the host, decides about it.
     */
    async settle(
      byId: string,
      { roomId, messageId, remove: removes }: Input<'chat:settle'>,
    ): Promise<Output<'chat:settle'>> {
      const senderId = await store.senderOf(roomId, messageId);
      if (!removes && senderId === byId && (await rooms.get(roomId)).hostId !== byId)
        throw new AppError('FORBIDDEN', 'Somebody else decides about your own line.', { reason: 'own-self' });
      const counts = await store.decide(roomId, messageId, byId, removes);
      if (!counts) return { settled: true, decision: null };
      if (counts.isOpen) {
        await remove(byId, roomId, messageId);
        await store.noteGone(roomId, messageId, byId); // Also when the chat has forgotten the line.
      } else if (!removes && !counts.removes)
        await note({ roomId, byId, kind: 'report-kept', personId: senderId ?? undefined, once: `report ${messageId}` });
      callStaff(roomId); // The others look at the same list.
      return { settled: true, decision: counts.removes ? 'removed' : 'kept' };
    },
    /** Nobody has to decide about the lines of who was sent away, and whose lines are gone. */
    async withdraw(roomIds: readonly string[], personId: string, byId: string): Promise<void> {
      for (const roomId of await store.noteAllGone(roomIds, personId, byId)) callStaff(roomId);
    },
  };
}
