import type { Response } from 'express';
import type { PublicUrl } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { AppError } from '../../../shared/errors.ts';
import { calendarOf } from './calendar.ts';
import type { CalendarShow, RoomStore } from './room-store.ts';

type Needs = {
  calendars: Pick<RoomStore, 'calendarOf' | 'calendarEntry'>;
  publicUrl: PublicUrl;
  nowMs: () => number;
};

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Calendars to subscribe to: one show, or all of a host. */
export function registerCalendars(gateway: Gateway, { calendars, publicUrl, nowMs }: Needs): void {
  const send = (response: Response, name: string, shows: readonly CalendarShow[]): void => {
    const home = publicUrl(gateway.http.reachedAt(response.req));
    const calendar = calendarOf(shows, { name, nowMs: nowMs(), pageOf: (roomId) => `${home}/room/${roomId}` });
    response.type('text/calendar; charset=utf-8').set('Cache-Control', 'max-age=300').send(calendar);
  };

  gateway.route('GET /api/rooms/:roomId/calendar.ics', async ({ params }, response) => {
    const show = await calendars.calendarEntry(idIn(params['roomId']));
    if (!show) throw new AppError('NOT_FOUND');
    send(response, show.title, [show]);
  });
  gateway.route('GET /api/hosts/:hostId/calendar.ics', async ({ params }, response) => {
    const calendar = await calendars.calendarOf(idIn(params['hostId']));
    if (!calendar) throw new AppError('NOT_FOUND');
    send(response, calendar.name, calendar.shows);
  });
}

/** @throws AppError NOT_FOUND for what can't be an id. */
function idIn(text: unknown): string {
  if (typeof text !== 'string' || !uuid.test(text)) throw new AppError('NOT_FOUND');
  return text;
}
