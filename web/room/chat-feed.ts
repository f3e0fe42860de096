import type { ChatMessage } from '../../shared/protocol/chat.ts';

/** One line of the chat as it is shown. `key` never changes and never comes twice. */
export type ChatLine =
  | { key: number; kind: 'message'; atMs: number; message: ChatMessage }
  | { key: number; kind: 'omitted'; atMs: number; messages: number }
  | { key: number; kind: 'system'; atMs: number; event: SystemEvent };

/** What the room says in its own, quieter voice. Neighbours of the same kind become one line. */
export type SystemEvent =
  | { what: 'bought'; itemNumber: number | null; names: string[]; people: number }
  | { what: 'joined-club'; names: string[]; people: number }
  | { what: 'pinned'; itemNumber: number; title: string }
  | { what: 'announcement'; text: string }
  | { what: 'lucky-bag'; title: string }
  | { what: 'winners'; names: string[] };

/**
 * `lastKey`: of the newest line there ever was. `agedKey`: lines up to it went for their age, later ones that are not there were taken
 * back. `heard`: messages that ever came, those left out included, so that a reader who
 * scrolled up can be told how many came since. All three only rise.
 */
export type ChatFeed = { lines: readonly ChatLine[]; lastKey: number; agedKey: number; heard: number };

export type ChatNews =
  | { kind: 'message'; atMs: number; message: ChatMessage }
  | { kind: 'omitted'; atMs: number; messages: number }
  | { kind: 'system'; atMs: number; event: SystemEvent }
  | { kind: 'deleted'; messageIds: ReadonlySet<string> }
  | { kind: 'silenced'; personId: string };

/** Lines kept; older ones go. Four hundred are more than anybody scrolls back in a live show. */
export const linesMax = 400;
/** Names told in one merged line; the others are a number. */
const namesMax = 2;

export const emptyFeed: ChatFeed = { lines: [], lastKey: 0, agedKey: 0, heard: 0 };

/** The same talk, begun anew from a snapshot. */
export const emptied = (feed: ChatFeed): ChatFeed => ({ ...feed, lines: [], agedKey: feed.lastKey });

/** The feed with the news added, in order. Pure: the caller decides how often it is shown. */
export function withNews(feed: ChatFeed, news: readonly ChatNews[]): ChatFeed {
  let lines = [...feed.lines];
  let { lastKey, heard } = feed;
  for (const one of news) {
    if (isThere(lines, one)) continue;
    if (one.kind === 'deleted') lines = lines.filter((line) => !isOneOf(line, one.messageIds));
    else if (one.kind === 'silenced') lines = lines.filter((line) => !isBy(line, one.personId));
    else if (!mergedIntoLast(lines, one)) lines.push({ key: ++lastKey, ...one });
    heard += messagesIn(one);
  }
  const agedKey = lines.at(-linesMax - 1)?.key ?? feed.agedKey;
  return { lines: lines.slice(-linesMax), lastKey, agedKey, heard };
}

const messagesIn = (news: ChatNews): number =>
  news.kind === 'message' ? 1 : news.kind === 'omitted' ? news.messages : 0;

/** What one said oneself is shown from its answer, and comes in a frame, too. */
const isThere = (lines: readonly ChatLine[], news: ChatNews): boolean =>
  news.kind === 'message' &&
  lines.some((line) => line.kind === 'message' && line.message.messageId === news.message.messageId);

const isOneOf = (line: ChatLine, messageIds: ReadonlySet<string>): boolean =>
  line.kind === 'message' && messageIds.has(line.message.messageId);

const isBy = (line: ChatLine, personId: string): boolean =>
  line.kind === 'message' && line.message.senderId === personId;

/** "12 people bought" instead of twelve lines; "30 messages left out" instead of ten times three. */
function mergedIntoLast(lines: ChatLine[], news: Exclude<ChatNews, { kind: 'deleted' | 'silenced' }>): boolean {
  const last = lines.at(-1);
  if (!last) return false;
  if (news.kind === 'omitted' && last.kind === 'omitted') {
    lines[lines.length - 1] = { ...last, messages: last.messages + news.messages };
    return true;
  }
  if (news.kind !== 'system' || last.kind !== 'system') return false;
  const event = mergedEvent(last.event, news.event);
  if (event) lines[lines.length - 1] = { ...last, event };
  return event !== null;
}

function mergedEvent(last: SystemEvent, next: SystemEvent): SystemEvent | null {
  if (last.what === 'bought' && next.what === 'bought') {
    const itemNumber = last.itemNumber === next.itemNumber ? last.itemNumber : null;
    return { what: 'bought', itemNumber, ...together(last, next) };
  }
  if (last.what === 'joined-club' && next.what === 'joined-club')
    return { what: 'joined-club', ...together(last, next) };
  return null;
}

type Crowd = { names: string[]; people: number };

const together = (a: Crowd, b: Crowd): Crowd => ({
  names: [...a.names, ...b.names].slice(0, namesMax),
  people: a.people + b.people,
});
