/** Before the id of a person, where all that they said is taken back. */
export const senderPrefix = 'sender:';

/** What takes back all that a person said; anything else that is taken back is the id of an entry. */
export const allOf = (personId: string): string => `${senderPrefix}${personId}`;

/** What takes back everything that carries an id, whoever said it: all lines of the chat, and what is pinned of them. */
export const everyLine = 'lines';

/** What is taken back: entries by their own ids, or by those of their senders, or all that have an id. */
export function toldApart(redacts: readonly string[]): { entryIds: string[]; senderIds: string[]; isEvery: boolean } {
  const isSender = (what: string): boolean => what.startsWith(senderPrefix);
  return {
    entryIds: redacts.filter((what) => !isSender(what) && what !== everyLine),
    senderIds: redacts.filter(isSender).map((what) => what.slice(senderPrefix.length)),
    isEvery: redacts.includes(everyLine),
  };
}
