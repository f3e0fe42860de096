import type { CalendarShow } from './room-store.ts';

/** Length of a show in a calendar, ms: nobody knows before how long it takes. */
const assumedMs = 60 * 60_000;
/** Longest line of a calendar file, bytes (RFC 5545, section 3.1). */
const lineBytesMax = 75;

/** How often a calendar that subscribed should look for what has changed (RFC 7986, and as Outlook calls it). */
const lookAgain = 'PT1H';

export type CalendarOptions = { name: string; nowMs: number; pageOf: (roomId: string) => string };

/**
 * Shows as an iCalendar file (RFC 5545). The id of an event is that of its room and the sequence its version, so that a calendar
 * which asks again moves or cancels what it had; so a show whose time was taken away is cancelled at that time, not left out.
 */
export function calendarOf(shows: readonly CalendarShow[], { name, nowMs, pageOf }: CalendarOptions): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Nightmarket//Shows//EN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escape(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${lookAgain}`,
    `X-PUBLISHED-TTL:${lookAgain}`,
    ...shows.flatMap((show) => eventOf(show, nowMs, pageOf(show.roomId))),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function eventOf(show: CalendarShow, nowMs: number, page: string): string[] {
  const takesPlaceMs = show.startedAtMs ?? show.scheduledAtMs;
  const startMs = takesPlaceMs ?? show.wasScheduledAtMs;
  if (startMs === null) return [];
  const isOff = show.state === 'cancelled' || takesPlaceMs === null;
  return [
    'BEGIN:VEVENT',
    `UID:${show.roomId}@nightmarket`,
    `SEQUENCE:${show.version}`,
    `DTSTAMP:${stamp(nowMs)}`,
    `DTSTART:${stamp(startMs)}`,
    `DTEND:${stamp(Math.max(show.endedAtMs ?? 0, startMs + assumedMs))}`,
    `SUMMARY:${escape(`${show.title} · ${show.hostName}`)}`,
    `URL:${page}`,
    `STATUS:${isOff ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
  ];
}

const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** Commas, semicolons and backslashes mean something in a calendar; line breaks would begin another property. */
const escape = (text: string): string => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');

/** Long lines go on in the next one after a space, never in the middle of a character. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  for (const character of line) {
    if (Buffer.byteLength(part + character) > lineBytesMax - (parts.length > 0 ? 1 : 0)) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part].join('\r\n ');
}
