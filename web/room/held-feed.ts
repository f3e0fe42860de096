import type { ChatFeed, ChatLine } from './chat-feed.ts';

/** Lines in the document while the reader follows the newest: what a screen shows, and a little more. */
export const followedLines = 60;

/** What is shown: the newest lines, or those that were there when the reader stopped, without what was taken back since. */
export function shownLines(feed: ChatFeed, held: ChatFeed | null): readonly ChatLine[] {
  if (!held) return feed.lines.slice(-followedLines);
  const firstKey = feed.lines[0]?.key ?? feed.lastKey + 1;
  const there = new Set(feed.lines.map(({ key }) => key));
  // A line older than all that are kept went for its age; a younger one that is not there was taken back.
  return held.lines.filter(({ key }) => key < firstKey || there.has(key));
}
