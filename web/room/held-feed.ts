import { isTakenBack, type ChatFeed, type ChatLine } from './chat-feed.ts';

/** Lines in the document while the reader follows the newest: what a screen shows, and a little more. */
export const followedLines = 60;

/** What is shown: the newest lines, or those that the reader holds on to. */
export const shownLines = (feed: ChatFeed, held: ChatFeed | null): readonly ChatLine[] =>
  held ? held.lines : feed.lines.slice(-followedLines);

/**
 * What the reader still holds after the latest news: lines that were taken back go, also those that the feed has forgotten for their
 * age. To be asked after each change of the feed, because nothing else remembers what was taken back.
 *
 * @returns null when the talk began anew: nobody said what was taken back meanwhile, so nothing of before may be shown any more
 */
export function heldAfter(held: ChatFeed, { begun, takenBack }: ChatFeed): ChatFeed | null {
  if (begun !== held.begun) return null;
  if (takenBack.length === 0) return held;
  return { ...held, lines: held.lines.filter((line) => !takenBack.some((news) => isTakenBack(line, news))) };
}
