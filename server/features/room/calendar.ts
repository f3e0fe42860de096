import type { Room } from '../../../shared/protocol/room.ts';

/** Length of a show in a calendar, ms: nobody knows before how long it takes. */
const assumedMs = 60 * 60_000;
/** Longest line of a calendar file, bytes (RFC 5545, section 3.1). */
const lineBytesMax = 75;

export type CalendarOptions = { name: string; nowMs: number; pageOf: (roomId: string) => string };

/**
 * Shows as an iCalendar file (RFC 5545). The id of an event is that of its room and the sequence its version, so that a calendar
 * which asks again moves or cancels what it had.
 */
export function calendarOf(rooms: readonly Room[], { name, nowMs, pageOf }: CalendarOptions): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Nightmarket//Shows//EN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escape(name)}`,
    ...rooms.flatMap((room) => eventOf(room, nowMs, pageOf(room.roomId))),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function eventOf(room: Room, nowMs: number, page: string): string[] {
  const startMs = room.startedAtMs ?? room.scheduledAtMs;
  if (startMs === null) return [];
  return [
    'BEGIN:VEVENT',
    `UID:${room.roomId}@nightmarket`,
    `SEQUENCE:${room.version}`,
    `DTSTAMP:${stamp(nowMs)}`,
    `DTSTART:${stamp(startMs)}`,
    `DTEND:${stamp(Math.max(room.endedAtMs ?? 0, startMs + assumedMs))}`,
    `SUMMARY:${escape(`${room.title} · ${room.hostName}`)}`,
    `URL:${page}`,
    `STATUS:${room.state === 'cancelled' ? 'CANCELLED' : 'CONFIRMED'}`,
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
