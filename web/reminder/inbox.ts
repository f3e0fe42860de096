import type { Notification } from '../../shared/protocol/reminder.ts';
import { loadConnection } from '../session/lazy-connection.ts';
import { online } from '../state/online.ts';
import { createStore } from '../state/store.ts';

/** What a person was told, newest first, as far as it was read, and how much of all of it is unread. */
export type Inbox = { notifications: readonly Notification[]; unread: number; hasMore: boolean };

const pageRows = 20;

export const inbox = createStore<Inbox | null>(null);

let knownOf: string | null = null;

/** Reads what a person was told, and follows it until the returned function is called. `onTold`: something new came just now. */
export function followInbox(personId: string, onTold: (notification: Notification) => void): () => void {
  if (knownOf !== personId) inbox.set(null);
  knownOf = personId;
  let isOver = false;
  const stops: (() => void)[] = [];
  void loadConnection().then(
    ({ onNotice }) => {
      if (isOver) return;
      stops.push(
        onNotice<Notification>('reminder:told', (notification) => {
          onTold(notification);
          void readInbox();
        }),
        // Whoever was away was told nothing by the socket.
        online.subscribe(() => online.get() && void readInbox()),
      );
      void readInbox();
    },
    () => undefined, // Without its code there is no connection either; the next page tries again.
  );
  return () => {
    isOver = true;
    for (const stop of stops) stop();
  };
}

async function readInbox(): Promise<void> {
  const { ask } = await loadConnection();
  const answer = await ask('reminder:list', { rows: pageRows }).catch(() => null);
  if (answer) inbox.set({ ...answer, hasMore: answer.notifications.length === pageRows });
}

export async function readOlder(): Promise<void> {
  const known = inbox.get();
  const last = known?.notifications.at(-1);
  if (!known || !last) return;
  const { ask } = await loadConnection();
  const { notifications, unread } = await ask('reminder:list', { rows: pageRows, beforeMs: last.atMs });
  const all = [...known.notifications, ...notifications];
  inbox.set({ notifications: all, unread, hasMore: notifications.length === pageRows });
}

/** The mark goes; what was new stays marked in the list while it is looked at. */
export async function markRead(): Promise<void> {
  const newest = inbox.get()?.notifications[0];
  if (!newest) return;
  const { ask } = await loadConnection();
  const { unread } = await ask('reminder:read', { untilMs: newest.atMs });
  inbox.update((known) => known && { ...known, unread });
}
