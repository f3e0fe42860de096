import { AppError } from '../../../shared/errors.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import type { ChatMessage, Report } from '../../../shared/protocol/chat.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { Rooms } from '../room/rooms.ts';
import { deletionOf } from './chat-desk.ts';
import type { LineDecision, ReportStore } from './reports.pg.ts';
import type { SaidMessages } from './said-messages.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  said: Pick<SaidMessages, 'find'>;
  store: ReportStore;
  /** Takes a line back, as staff do; who decided that is noted here. */
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
      const line = await store.lineOf(roomId, messageId);
      if (!removes && line?.senderId === byId && (await rooms.get(roomId)).hostId !== byId)
        throw new AppError('FORBIDDEN', 'Somebody else decides about your own line.', { reason: 'own-self' });
      const counts = await store.decide(roomId, messageId, byId, removes);
      if (!counts) return { settled: true, decision: null };
      if (counts.isOpen) {
        await remove(byId, roomId, messageId);
        await store.noteGone(roomId, messageId, byId); // Also when the chat has forgotten the line.
      }
      // Who carries it out has not decided it; and who decided it may have died, or lost the answer, before it was noted.
      if (line && (counts.isOpen || counts.byId === byId)) await noteDecision(roomId, line, counts);
      callStaff(roomId); // The others look at the same list.
      return { settled: true, decision: counts.removes ? 'removed' : 'kept' };
    },
    /** Nobody has to decide about the lines of who was sent away, and whose lines are gone. */
    async withdraw(roomIds: readonly string[], personId: string, byId: string): Promise<void> {
      for (const roomId of await store.noteAllGone(roomIds, personId, byId)) callStaff(roomId);
    },
  };

  async function noteDecision(
    roomId: string,
    { messageId, senderId, text }: ChatMessage,
    { removes, byId }: LineDecision,
  ): Promise<void> {
    const action = { roomId, byId, personId: senderId };
    if (!removes) await note({ ...action, kind: 'report-kept', once: `report ${messageId}` });
    else if (senderId !== byId)
      await note({ ...action, kind: 'message-deleted', detail: { text }, once: deletionOf(messageId) });
  }
}
