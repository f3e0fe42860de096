/** Before the id of a person, where all that they said is taken back. */
export const senderPrefix = 'sender:';

/** What takes back all that a person said; anything else that is taken back is the id of an entry. */
export const allOf = (personId: string): string => `${senderPrefix}${personId}`;

/** What takes back everything that carries an id, whoever said it: all lines of the chat, and what is pinned of them. */
export const everyLine = 'lines';

/** What takes back the same, of somebody or of everybody, as far as it was said until an instant, Unix ms. */
export const saidUntil = (what: string, atMs: number): string => `${what}:${atMs}`;

const bounded = new RegExp(`^(${everyLine}|${senderPrefix}[^:]+):(\\d+)$`);

/** What is taken back, and until when it was said, Unix ms; `Infinity` for all that stands before the entry that takes it back. */
export function boundOf(redacted: string): { what: string; untilMs: number } {
  const [, what, untilMs] = bounded.exec(redacted) ?? [];
  return what === undefined ? { what: redacted, untilMs: Infinity } : { what, untilMs: Number(untilMs) };
}

/** What is taken back: entries by their own ids, or by those of their senders, or all that have an id; not what has a bound. */
export function toldApart(redacts: readonly string[]): { entryIds: string[]; senderIds: string[]; isEvery: boolean } {
  const whole = redacts.filter((redacted) => boundOf(redacted).untilMs === Infinity);
  const isSender = (what: string): boolean => what.startsWith(senderPrefix);
  return {
    entryIds: whole.filter((what) => !isSender(what) && what !== everyLine),
    senderIds: whole.filter(isSender).map((what) => what.slice(senderPrefix.length)),
    isEvery: whole.includes(everyLine),
  };
}
