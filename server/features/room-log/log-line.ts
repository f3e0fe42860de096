import type { Lane } from '../../../shared/protocol/define.ts';
import type { RoomEventName } from '../../../shared/protocol/index.ts';

/**
 * The lanes of entries, and one that is known here alone: what viewers decide for everybody, such as taking a line back. It is never left
 * out, as what is in the lane `host`, but waits for the next frame and has no place reserved, as chat: no crowd takes that from the host.
 */
export type LineLane = Lane | 'viewers';

/**
 * An entry on its way through Redis: one line of text, fields separated by tabs. JSON escapes tabs and line feeds, so the body
 * can't contain either, and a gateway delivers an entry without ever parsing or printing its body again.
 */
export type LogLine = {
  lane: LineLane;
  /** Above the room's chat cap: has an offset, but is left out of frames and recovery, and counted as omitted. */
  thinned: boolean;
  /** Nobody but its sender is to hear it, nor that there was something to hear: thinned, and not counted as omitted. @see unheard.ts */
  unheard: boolean;
  atMs: number;
  senderId: string;
  entryId: string;
  redacts: readonly string[];
  kind: string;
  /** JSON text. */
  body: string;
};

/** An entry at its place in the log. */
export type LogEntry = LogLine & { offset: number };

/** Of the lanes that leave at once and have places reserved. */
export const isUrgent = ({ lane }: Pick<LogLine, 'lane'>): boolean => lane === 'commerce' || lane === 'host';

/** Of the lanes that are never dropped. */
export const isImportant = (entry: Pick<LogLine, 'lane'>): boolean => isUrgent(entry) || entry.lane === 'viewers';

/** Tell of lines and people, not of the room: a snapshot is no other one because of them. */
const stateless: ReadonlySet<string> = new Set<RoomEventName>([
  'chat:message',
  'chat:deleted',
  'chat:purged',
  'chat:cleared',
  'moderation:sanctioned',
  'moderation:lifted',
]);
/** Whether what there is to show of a room may be another one since. */
export const changesState = (entry: Pick<LogLine, 'lane' | 'kind'>): boolean =>
  isImportant(entry) && !stateless.has(entry.kind);

const laneMarks: Record<LineLane, string> = { commerce: 'c', host: 'h', viewers: 'v', chat: 't', ambient: 'a' };
const lanes = new Map(Object.entries(laneMarks).map(([lane, mark]) => [mark, lane as LineLane]));

/** Instead of its lane's, the mark of chat that nobody but its sender is to hear. */
const unheardMark = 'u';
lanes.set(unheardMark, 'chat');

/** What append.lua puts in front of a line: whether it was thinned, and the time. @see lua/append.lua */
export type LineTail = Omit<LogLine, 'thinned' | 'unheard' | 'atMs'>;

export function tailOf({ lane, senderId, entryId, redacts, kind, body }: LineTail, unheard = false): string {
  return [unheard ? unheardMark : laneMarks[lane], senderId, entryId, redacts.join(','), kind, body].join('\t');
}

/** @throws Error when the text is not a line of ours: the log was written by somebody else. */
export function parseLine(text: string): LogLine {
  const [thinned, atMs, mark = '', senderId = '', entryId = '', redacts = '', kind = '', body] = text.split('\t');
  const lane = lanes.get(mark);
  if (!lane || body === undefined) throw new Error(`not a log line: ${text.slice(0, 80)}`);
  const redacted = redacts === '' ? none : redacts.split(',');
  const unheard = mark === unheardMark;
  return {
    lane,
    thinned: thinned === '1',
    unheard,
    atMs: Number(atMs),
    senderId,
    entryId,
    redacts: redacted,
    kind,
    body,
  };
}

const none: readonly string[] = [];
