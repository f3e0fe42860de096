import { expect, test } from 'vitest';
import { begunAnew, emptyFeed, linesMax, withNews, type ChatFeed, type ChatNews } from './chat-feed.ts';
import { followedLines, heldAfter, shownLines } from './held-feed.ts';

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
  const start = withNews(emptyFeed, talk(0, 100));
  const { feed, held } = after(start, talk(100, 100 + 2 * linesMax));

  expect(shownLines(feed, held)).toEqual(start.lines);
});

/** What somebody who holds `held` has in hand when the news have come one after the other. */
function after(held: ChatFeed, ...showers: (readonly ChatNews[])[]): { feed: ChatFeed; held: ChatFeed } {
  let known = { feed: held, held };
  for (const news of showers) {
    const feed = withNews(known.feed, news);
    known = { feed, held: heldAfter(known.held, feed)! };
  }
  return known;
}
const deleted = (...ids: string[]): ChatNews => ({ kind: 'deleted', messageIds: new Set(ids) });

test('what is taken back goes from the eyes of whoever stopped, too', () => {
  const start = withNews(emptyFeed, talk(0, 5));
  const keysAfter = (...news: ChatNews[]) => keysOf(after(start, news).held.lines);

  expect(keysAfter(deleted('m2'), said(5))).toEqual([1, 2, 4, 5]);
  expect(keysAfter(deleted('m0'))).toEqual([2, 3, 4, 5]);
  expect(keysAfter({ kind: 'silenced', personId: 'ana', untilMs: null })).toEqual([]);
});

test('what was taken back never comes again: not by age, and not what only the reader has any more', () => {
  const start = withNews(emptyFeed, talk(0, 5));
  const crowd = talk(5, 5 + 2 * linesMax);

  expect(keysOf(after(start, [deleted('m2')], crowd).held.lines)).toEqual([1, 2, 4, 5]);
  expect(keysOf(after(start, [deleted('m2'), ...crowd]).held.lines)).toEqual([1, 2, 4, 5]);
  expect(keysOf(after(start, crowd, [deleted('m2')]).held.lines)).toEqual([1, 2, 4, 5]);
  expect(after(start, crowd, [{ kind: 'silenced', personId: 'ana', untilMs: null }], [said(9_999)]).held.lines).toEqual(
    [],
  );
});

test('a talk that begins anew takes all from the hands of the reader: nobody said what was taken back meanwhile', () => {
  const start = withNews(emptyFeed, talk(0, 50));
  const anew = withNews(begunAnew(start), talk(60, 70));

  expect(heldAfter(start, anew)).toBeNull();
  expect(keysOf(shownLines(anew, null))).toEqual(Array.from({ length: 10 }, (_, n) => 51 + n));
});
