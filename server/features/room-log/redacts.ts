/** Before the id of a person, where all that they said is taken back. */
export const senderPrefix = 'sender:';

/** What takes back all that a person said; anything else that is taken back is the id of an entry. */
export const allOf = (personId: string): string => `${senderPrefix}${personId}`;

/** What takes back everything that carries an id, whoever said it: all lines of the chat, and what is pinned of them. */
export const everyLine = 'lines';

/** The same of what was said until an instant, Unix ms, and of nothing after it. */
export const everyLineUntil = (atMs: number): string => `${everyLine}:${atMs}`;

/** Until when an entry takes back every line that stands before it; null when it does not. */
export function clearsUntil(redacts: readonly string[]): number | null {
  if (redacts.includes(everyLine)) return Infinity;
  const until = redacts.find(isUntil);
  return until === undefined ? null : Number(until.slice(everyLine.length + 1));
}

const isUntil = (what: string): boolean => what.startsWith(`${everyLine}:`);

/** What is taken back: entries by their own ids, or by those of their senders, or all that have an id; not all until an instant. */
export function toldApart(redacts: readonly string[]): { entryIds: string[]; senderIds: string[]; isEvery: boolean } {
  const isSender = (what: string): boolean => what.startsWith(senderPrefix);
  return {
    entryIds: redacts.filter((what) => !isSender(what) && what !== everyLine && !isUntil(what)),
    senderIds: redacts.filter(isSender).map((what) => what.slice(senderPrefix.length)),
    isEvery: redacts.includes(everyLine),
  };
}
