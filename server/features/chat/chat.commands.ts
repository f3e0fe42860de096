import type { Gateway } from '../../gateway/gateway.ts';
import type { RoomEntry } from '../../../shared/protocol/room.ts';
import type { ArchivePlace } from '../room-log/archive.pg.ts';
import type { ChatDesk } from './chat-desk.ts';
import type { Chat } from './chat.ts';
import type { Reports } from './reports.ts';

type Needs = {
  chat: Chat;
  desk: ChatDesk;
  reports: Reports;
  shownBefore: (roomId: string, readerId: string, place: ArchivePlace, rows: number) => Promise<RoomEntry[]>;
};

export function registerChat(gateway: Gateway, { chat, desk, reports, shownBefore }: Needs): void {
  gateway.expose('chat:send', (viewer, input) => chat.send(viewer, input));
  gateway.expose('chat:delete', ({ personId }, { roomId, messageId }) => desk.remove(personId, roomId, messageId));
  gateway.expose('chat:clear', ({ personId }, { roomId, requestKey }) => desk.clear(personId, roomId, requestKey));
  gateway.expose('chat:history', async ({ personId }, { roomId, beforeMs, beforeOffset, rows }) => ({
    entries: await shownBefore(roomId, personId, { atMs: beforeMs ?? null, offset: beforeOffset ?? null }, rows),
  }));
  gateway.expose('chat:state', (_viewer, { roomId }) => desk.state(roomId));
  gateway.expose('chat:configure', ({ personId }, { roomId, ...changes }) => desk.configure(personId, roomId, changes));
  gateway.expose('chat:pin', ({ personId }, { roomId, messageId }) => desk.pin(personId, roomId, messageId));
  gateway.expose('chat:announce', ({ personId }, { roomId, text }) => desk.announce(personId, roomId, text));
  gateway.expose('chat:held', (_viewer, { roomId, rows }) => desk.held(roomId, rows));
  gateway.expose('chat:decide', ({ personId }, { roomId, messageId, approve }) =>
    desk.decide(personId, roomId, messageId, approve),
  );
  gateway.expose('chat:report', ({ personId }, input) => reports.report(personId, input));
  gateway.expose('chat:reports', (_viewer, { roomId, rows }) => reports.open(roomId, rows));
  gateway.expose('chat:settle', ({ personId }, input) => reports.settle(personId, input));
}
