import type { ChatFeed, ChatLine } from './chat-feed.ts';

/** Lines in the document while the reader follows the newest: what a screen shows, and a little more. */
export const followedLines = 60;

/** What is shown: the newest lines, or those that were there when the reader stopped, without what was taken back since. */
export function shownLines(feed: ChatFeed, held: ChatFeed | null): readonly ChatLine[] {
  if (!held) return feed.lines.slice(-followedLines);
  const there = new Set(feed.lines.map(({ key }) => key));
  return held.lines.filter(({ key }) => key <= feed.agedKey || there.has(key));
}
