/** Before the id of a person, where all that they said is taken back. */
export const senderPrefix = 'sender:';

/** What takes back all that a person said; anything else that is taken back is the id of an entry. */
export const allOf = (personId: string): string => `${senderPrefix}${personId}`;

/** What is taken back: entries by their own ids, or by those of their senders. */
export function toldApart(redacts: readonly string[]): { entryIds: string[]; senderIds: string[] } {
  const isSender = (what: string): boolean => what.startsWith(senderPrefix);
  return {
    entryIds: redacts.filter((what) => !isSender(what)),
    senderIds: redacts.filter(isSender).map((what) => what.slice(senderPrefix.length)),
  };
}
