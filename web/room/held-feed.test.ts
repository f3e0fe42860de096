import { expect, test } from 'vitest';
import { emptied, emptyFeed, linesMax, withNews, type ChatNews } from './chat-feed.ts';
import { followedLines, shownLines } from './held-feed.ts';

const said = (n: number): ChatNews => ({
  kind: 'message',
  atMs: n,
  message: {
    messageId: `m${n}`,
    senderId: 'ana',
    senderName: 'Ana',
    badge: null,
    fanLevel: null,
    text: `text ${n}`,
    replyTo: null,
    mentions: [],
  },
});
const talk = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => said(from + index));
const keysOf = (lines: ReturnType<typeof shownLines>) => lines.map(({ key }) => key);

test('the newest few are shown to whoever follows', () => {
  const feed = withNews(emptyFeed, talk(0, 100));

  expect(keysOf(shownLines(feed, null))).toEqual(Array.from({ length: followedLines }, (_, n) => 41 + n));
});

test('a reader who stopped keeps what was there, however much comes and goes by age', () => {
  const held = withNews(emptyFeed, talk(0, 100));
  const feed = withNews(held, talk(100, 100 + 2 * linesMax));

  expect(shownLines(feed, held)).toEqual(held.lines);
});

test('what is taken back goes from the eyes of whoever stopped, too', () => {
  const held = withNews(emptyFeed, talk(0, 5));
  const feed = withNews(held, [{ kind: 'deleted', messageIds: new Set(['m2']) }, said(5)]);

  expect(keysOf(shownLines(feed, held))).toEqual([1, 2, 4, 5]);
  const withoutFirst = withNews(held, [{ kind: 'deleted', messageIds: new Set(['m0']) }]);
  expect(keysOf(shownLines(withoutFirst, held))).toEqual([2, 3, 4, 5]);
  expect(shownLines(withNews(held, [{ kind: 'silenced', personId: 'ana' }]), held)).toEqual([]);
});

test('a talk that begins anew from a snapshot counts on: nobody is told less than nothing', () => {
  const held = withNews(emptyFeed, talk(0, 50));
  const feed = withNews(emptied(held), [{ kind: 'omitted', atMs: 1, messages: 500 }, ...talk(60, 70)]);

  expect(feed.heard - held.heard).toBe(510);
  expect(shownLines(feed, held)).toEqual(held.lines);
  expect(new Set([...keysOf(held.lines), ...keysOf(feed.lines)]).size).toBe(61);
});
