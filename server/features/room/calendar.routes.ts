import type { Response } from 'express';
import type { PublicUrl } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { AppError } from '../../../shared/errors.ts';
import { calendarOf } from './calendar.ts';

type Needs = {
  find: (roomId: string) => Promise<Room>;
  /** Coming and cancelled shows of a host, and those of the last days. */
  showsOf: (hostId: string) => Promise<Room[]>;
  publicUrl: PublicUrl;
  nowMs: () => number;
};

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Calendars to subscribe to: one show, or all of a host. */
export function registerCalendars(gateway: Gateway, { find, showsOf, publicUrl, nowMs }: Needs): void {
  const send = (response: Response, name: string, rooms: readonly Room[]): void => {
    const home = publicUrl(gateway.http.reachedAt(response.req));
    const calendar = calendarOf(rooms, { name, nowMs: nowMs(), pageOf: (roomId) => `${home}/room/${roomId}` });
    response.type('text/calendar; charset=utf-8').set('Cache-Control', 'max-age=300').send(calendar);
  };

  gateway.route('GET /api/rooms/:roomId/calendar.ics', async ({ params }, response) => {
    const room = await find(idIn(params['roomId']));
    const hasTime = room.startedAtMs !== null || room.scheduledAtMs !== null;
    if (room.rehearsal || room.kind !== 'show' || !hasTime) throw new AppError('NOT_FOUND');
    send(response, room.title, [room]);
  });
  gateway.route('GET /api/hosts/:hostId/calendar.ics', async ({ params }, response) => {
    const rooms = await showsOf(idIn(params['hostId']));
    send(response, rooms[0]?.hostName ?? 'Shows', rooms);
  });
}

/** @throws AppError NOT_FOUND for what can't be an id. */
function idIn(text: unknown): string {
  if (typeof text !== 'string' || !uuid.test(text)) throw new AppError('NOT_FOUND');
  return text;
}
