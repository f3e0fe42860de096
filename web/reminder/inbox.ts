import type { Notification } from '../../shared/protocol/reminder.ts';
import { followNotices } from '../session/follow-notices.ts';
import { loadConnection } from '../session/lazy-connection.ts';
import { online } from '../state/online.ts';
import { joined, refreshed, type Pages } from '../state/pages.ts';
import { createStore } from '../state/store.ts';

/** What a person was told, newest first, as far as it was read, and how much of all of it is unread. */
export type Inbox = { pages: Pages<Notification>; unread: number };

const pageRows = 20;

export const inbox = createStore<Inbox | null>(null);

let knownOf: string | null = null;
/** Of two readings under way the later question has the newer answer, whichever comes first. */
let question = 0;

/** Reads what a person was told, and follows it until the returned function is called. `onTold`: something new came just now. */
export function followInbox(personId: string, onTold: (notification: Notification) => void): () => void {
  if (knownOf !== personId) inbox.set(null);
  knownOf = personId;
  question += 1;
  return followNotices(({ onNotice }) => {
    void readInbox();
    return [
      onNotice<Notification>('reminder:told', (notification) => {
        onTold(notification);
        void readInbox();
      }),
      // Whoever was away was told nothing by the socket.
      online.subscribe(() => online.get() && void readInbox()),
    ];
  });
}

async function readInbox(): Promise<void> {
  const mine = ++question;
  const answer = await read(null).catch(() => null);
  if (!answer || mine !== question) return;
  const { page, unread } = answer;
  inbox.update((known) => ({ pages: known ? refreshed(known.pages, page, idOf) : page, unread }));
}

export async function readOlder(): Promise<void> {
  const after = inbox.get()?.pages.next;
  if (!after) return;
  const { page, unread } = await read(after);
  inbox.update((known) => known && { pages: joined(known.pages, after, page, idOf), unread });
}

/** The mark goes; what was new stays marked in the list while it is looked at. */
export async function markRead(): Promise<void> {
  const newest = inbox.get()?.pages.rows[0];
  if (!newest) return;
  const { ask } = await loadConnection();
  const { unread } = await ask('reminder:read', { untilMs: newest.atMs });
  inbox.update((known) => known && { ...known, unread });
}

const idOf = ({ notificationId }: Notification): string => notificationId;

/** @param after the instant of the last row known, as text; rows of that very instant come again, and are known by their ids. */
async function read(after: string | null): Promise<{ page: Pages<Notification>; unread: number }> {
  const { ask } = await loadConnection();
  const { notifications: rows, unread } = await ask('reminder:list', {
    rows: pageRows,
    ...(after === null ? {} : { beforeMs: Number(after) + 1 }),
  });
  const last = rows.at(-1);
  return { page: { rows, next: last && rows.length === pageRows ? String(last.atMs) : null }, unread };
}
