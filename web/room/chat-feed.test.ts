import { describe, expect, test } from 'vitest';
import { emptyFeed, isGoneFrom, linesMax, withNews, type ChatNews } from './chat-feed.ts';

const said = (text: string, senderId = 'ana'): ChatNews => ({
  kind: 'message',
  atMs: 1,
  message: {
    messageId: `m-${text}`,
    senderId,
    senderName: senderId,
    badge: null,
    fanLevel: null,
    text,
    replyTo: null,
    mentions: [],
  },
});
const bought = (name: string, offerId = 'teapot'): ChatNews => ({
  kind: 'system',
  atMs: 1,
  event: { what: 'bought', offerId, names: [name], people: 1 },
});
const textsOf = (feed: typeof emptyFeed) =>
  feed.lines.map((line) => (line.kind === 'message' ? line.message.text : line.kind));

describe('the chat feed', () => {
  test('keeps order, and keys that never come twice', () => {
    const feed = withNews(withNews(emptyFeed, [said('one'), said('two')]), [said('three')]);

    expect(textsOf(feed)).toEqual(['one', 'two', 'three']);
    expect(new Set(feed.lines.map(({ key }) => key)).size).toBe(3);
  });

  test('is empty of lines once the chat is cleared, and says so; what the room said of itself stays', () => {
    const before: ChatNews[] = [said('one'), bought('Ana'), { kind: 'omitted', atMs: 1, messages: 3 }];
    const cleared: ChatNews[] = [
      { kind: 'cleared', untilMs: null },
      { kind: 'system', atMs: 2, event: { what: 'cleared' } },
    ];
    const feed = withNews(withNews(emptyFeed, before), [said('two'), ...cleared, said('after')]);

    expect(textsOf(feed)).toEqual(['system', 'system', 'after']);
    const [one, after] = [said('one'), said('after')];
    expect(one.kind === 'message' && isGoneFrom(feed, one.message)).toBe(true);
    expect(after.kind === 'message' && isGoneFrom(feed, after.message)).toBe(false); // It can be answered.
  });

  test('loses what was said until it was cleared, and nothing after, when that is said again', () => {
    const later = { ...said('later'), atMs: 3 };
    const feed = withNews(emptyFeed, [said('one'), later, { kind: 'cleared', untilMs: 2 }]);

    expect(textsOf(feed)).toEqual(['later']);
  });

  test('loses what somebody said until they were purged, and nothing after, when that is said again', () => {
    const later = { ...said('later', 'bot'), atMs: 3 };
    const again: ChatNews = { kind: 'silenced', personId: 'bot', untilMs: 2 };
    const feed = withNews(emptyFeed, [said('spam', 'bot'), said('keep'), later, again]);

    expect(textsOf(feed)).toEqual(['keep', 'later']);
    // Who answers it may go on, also when so much was said since that it is shown no more.
    expect(later.kind === 'message' && isGoneFrom({ ...feed, lines: [] }, later.message)).toBe(false);
  });

  test('shows what one said oneself once, from its answer or from a frame', () => {
    const feed = withNews(withNews(emptyFeed, [said('mine')]), [said('theirs'), said('mine'), said('more')]);

    expect(textsOf(feed)).toEqual(['mine', 'theirs', 'more']);
    expect(feed.heard).toBe(3);
  });

  test('merges what many people did into one line, until somebody speaks', () => {
    const feed = withNews(emptyFeed, [bought('Ana'), bought('Bo'), bought('Cy'), said('wow'), bought('Di')]);

    expect(feed.lines.map((line) => (line.kind === 'system' ? line.event : line.kind))).toEqual([
      { what: 'bought', offerId: 'teapot', names: ['Ana', 'Bo'], people: 3 },
      'message',
      { what: 'bought', offerId: 'teapot', names: ['Di'], people: 1 },
    ]);
  });

  test('merges who joined the fan club, but not with who bought', () => {
    const joined = (name: string): ChatNews => ({
      kind: 'system',
      atMs: 1,
      event: { what: 'joined-club', names: [name], people: 1 },
    });
    const feed = withNews(emptyFeed, [joined('Ana'), joined('Bo'), bought('Cy')]);

    expect(feed.lines).toMatchObject([
      { event: { what: 'joined-club', names: ['Ana', 'Bo'], people: 2 } },
      { event: { what: 'bought', names: ['Cy'] } },
    ]);
  });

  test('names no item when people bought different ones', () => {
    const feed = withNews(emptyFeed, [bought('Ana', 'teapot'), bought('Bo', 'lantern')]);

    expect(feed.lines).toMatchObject([{ event: { offerId: null, people: 2 } }]);
  });

  test('adds up what was left out', () => {
    const feed = withNews(emptyFeed, [
      { kind: 'omitted', atMs: 1, messages: 3 },
      { kind: 'omitted', atMs: 2, messages: 4 },
    ]);

    expect(feed.lines).toMatchObject([{ kind: 'omitted', messages: 7 }]);
  });

  test('shows that an own message waits until it is said, or rejected', () => {
    const waits = (text: string): ChatNews => ({
      kind: 'system',
      atMs: 1,
      event: { what: 'waits', messageId: `m-${text}`, text },
    });
    const rejected = { what: 'rejected', messageId: 'm-two', text: 'two', why: 'moderator' } as const;
    const waiting = withNews(emptyFeed, [waits('one'), waits('two'), waits('three')]);

    const feed = withNews(waiting, [said('one'), { kind: 'system', atMs: 2, event: rejected }]);

    expect(waiting.lines).toHaveLength(3);
    expect(feed.lines).toMatchObject([
      { event: { what: 'waits', text: 'three' } },
      { kind: 'message', message: { text: 'one' } },
      { event: rejected },
    ]);
  });

  test('takes away deleted messages, and all of a silenced person', () => {
    const feed = withNews(emptyFeed, [said('keep'), said('gone'), said('spam', 'bot'), said('more spam', 'bot')]);

    const cleaned = withNews(feed, [
      { kind: 'deleted', messageIds: new Set(['m-gone']) },
      { kind: 'silenced', personId: 'bot', untilMs: null },
    ]);

    expect(textsOf(cleaned)).toEqual(['keep']);
    const isGone = (line: (typeof feed.lines)[number]) => line.kind === 'message' && isGoneFrom(cleaned, line.message);
    expect(feed.lines.map(isGone)).toEqual([false, true, true, true]);
  });

  test('is bounded, and counts on', () => {
    const crowd = Array.from({ length: linesMax + 50 }, (_, n) => said(String(n)));

    const feed = withNews(emptyFeed, crowd);

    expect(feed.lines).toHaveLength(linesMax);
    expect(textsOf(feed).at(-1)).toBe(String(linesMax + 49));
    expect(feed.heard).toBe(linesMax + 50);
  });
});
