import type { ChatMessage } from '../../shared/protocol/chat.ts';

/** One line of the chat as it is shown. `key` never changes and never comes twice. */
export type ChatLine =
  | { key: number; kind: 'message'; atMs: number; message: ChatMessage }
  | { key: number; kind: 'omitted'; atMs: number; messages: number }
  | { key: number; kind: 'system'; atMs: number; event: SystemEvent };

/** What the room says in its own, quieter voice. Neighbours of the same kind become one line. */
export type SystemEvent =
  | { what: 'bought'; /** Null: of different ones. */ offerId: string | null; names: string[]; people: number }
  | { what: 'joined-club'; names: string[]; people: number }
  | { what: 'pinned'; itemNumber: number; title: string }
  | { what: 'announcement'; text: string }
  | { what: 'cleared' }
  | { what: 'lucky-bag'; title: string }
  | { what: 'raffle-drop'; title: string }
  | { what: 'winners'; names: string[] }
  | OwnEvent;

/** What becomes of oneself and one's own lines, which nobody else is told. `forMs` null: until it is lifted. */
export type OwnEvent =
  | { what: 'waits'; messageId: string; text: string }
  | { what: 'rejected'; messageId: string; text: string; why: 'moderator' | 'crowded_out' }
  | { what: 'muted'; forMs: number | null; reason: string | null };

/**
 * `lastKey`: of the newest line there ever was. `heard`: messages that ever came, those left out included, so that a reader who
 * scrolled up can be told how many came since. `begun`: how often the talk began anew. These only rise. `takenBack`: what the latest
 * news took back.
 */
export type ChatFeed = {
  lines: readonly ChatLine[];
  lastKey: number;
  heard: number;
  begun: number;
  takenBack: readonly TakingBack[];
};

export type ChatNews =
  | { kind: 'message'; atMs: number; message: ChatMessage }
  | { kind: 'omitted'; atMs: number; messages: number }
  | { kind: 'system'; atMs: number; event: SystemEvent }
  | TakingBack;

/** Messages, or all that a person ever said, or that anybody did (`untilMs`, Unix ms: until then), are to be seen no more. */
export type TakingBack =
  | { kind: 'deleted'; messageIds: ReadonlySet<string> }
  | { kind: 'silenced'; personId: string; untilMs: number | null }
  | { kind: 'cleared'; untilMs: number | null };

/** Lines kept; older ones go. Four hundred are more than anybody scrolls back in a live show. */
export const linesMax = 400;
/** Names told in one merged line; the others are a number. */
const namesMax = 2;

export const emptyFeed: ChatFeed = { lines: [], lastKey: 0, heard: 0, begun: 0, takenBack: [] };

/** The same talk, begun anew from a snapshot. */
export const begunAnew = (feed: ChatFeed): ChatFeed => ({ ...feed, lines: [], begun: feed.begun + 1, takenBack: [] });

/** The feed with the news added, in order. Pure: the caller decides how often it is shown. */
export function withNews(feed: ChatFeed, news: readonly ChatNews[]): ChatFeed {
  let lines = [...feed.lines];
  let { lastKey, heard } = feed;
  for (const one of news) {
    if (isThere(lines, one)) continue;
    const settledId = settledBy(one);
    if (settledId !== null) lines = lines.filter((line) => !waitsAs(line, settledId));
    if (isTakingBack(one)) lines = lines.filter((line) => !isTakenBack(line, one));
    else if (!mergedIntoLast(lines, one)) lines.push({ key: ++lastKey, ...one });
    heard += messagesIn(one);
  }
  return { ...feed, lines: lines.slice(-linesMax), lastKey, heard, takenBack: news.filter(isTakingBack) };
}

const messagesIn = (news: ChatNews): number =>
  news.kind === 'message' ? 1 : news.kind === 'omitted' ? news.messages : 0;

/** What one said oneself is shown from its answer, and comes in a frame, too; that it was rejected may be told twice. */
function isThere(lines: readonly ChatLine[], news: ChatNews): boolean {
  const settledId = settledBy(news);
  return settledId !== null && lines.some((line) => line.kind === news.kind && settledBy(line) === settledId);
}

/** The message that waits for a moderator no more, since it was said or rejected. */
function settledBy(news: ChatNews | ChatLine): string | null {
  if (news.kind === 'message') return news.message.messageId;
  return news.kind === 'system' && news.event.what === 'rejected' ? news.event.messageId : null;
}

const waitsAs = (line: ChatLine, messageId: string): boolean =>
  line.kind === 'system' && line.event.what === 'waits' && line.event.messageId === messageId;

const isTakingBack = (news: ChatNews): news is TakingBack =>
  news.kind === 'deleted' || news.kind === 'silenced' || news.kind === 'cleared';

export function isTakenBack(line: ChatLine, news: TakingBack): boolean {
  if (line.kind === 'system' || line.atMs > untilOf(news)) return false;
  return line.kind === 'message' ? takesBack(news, line.message) : news.kind === 'cleared';
}

/**
 * Whether the latest news took this message back, and did not bring it again: a snapshot has lines of after the chat was cleared. What is
 * said again, and goes until an instant, was heard before, and may be of before the message.
 */
export const isGoneFrom = ({ takenBack, lines }: ChatFeed, message: ChatMessage): boolean =>
  takenBack.some((news) => untilOf(news) === Infinity && takesBack(news, message)) &&
  !lines.some((line) => line.kind === 'message' && line.message.messageId === message.messageId);

const untilOf = (news: TakingBack): number => (news.kind === 'deleted' ? null : news.untilMs) ?? Infinity;

function takesBack(news: TakingBack, { messageId, senderId }: ChatMessage): boolean {
  if (news.kind === 'cleared') return true;
  return news.kind === 'deleted' ? news.messageIds.has(messageId) : news.personId === senderId;
}

/** "12 people bought" instead of twelve lines; "30 messages left out" instead of ten times three. */
function mergedIntoLast(lines: ChatLine[], news: Exclude<ChatNews, TakingBack>): boolean {
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
    const offerId = last.offerId === next.offerId ? last.offerId : null;
    return { what: 'bought', offerId, ...together(last, next) };
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
