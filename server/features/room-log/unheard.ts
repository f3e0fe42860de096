import type { LogEntry } from './log-line.ts';

/** Who said what nobody else is to hear. */
export const unheardSenders = (entries: readonly LogEntry[]): ReadonlySet<string> =>
  new Set(entries.filter(({ unheard }) => unheard).map(({ senderId }) => senderId));

/** Entries as one person is to see them: what they said themselves is there as if everybody had heard it. */
export const asSeenBy = (personId: string, entries: readonly LogEntry[]): LogEntry[] =>
  entries.map((entry) =>
    entry.unheard && entry.senderId === personId ? { ...entry, unheard: false, thinned: false } : entry,
  );
