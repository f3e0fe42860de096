import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { TakenBack } from './archive.pg.ts';
import type { LogStore, NewEntry } from './log-store.ts';
import { allOf, saidUntil, toldApart } from './redacts.ts';

/**
 * Takes back once more, in a new life of a log, what was taken back in the lost end of the one before: the entries stand in the log
 * again, and only the archive knows that they are gone. Said once in a life, however often it is asked for. Where a chat was cleared, or
 * all of a person taken back, people have talked since: it goes as far as it was said until then.
 */
export const createTakingBackAgain =
  (store: Pick<LogStore, 'append'>) =>
  async (roomId: string, redacted: readonly TakenBack[], epoch: string): Promise<void> => {
    const { entryIds } = toldApart(redacted.map(({ what }) => what));
    await store.append(roomId, [
      entryOf('chat:deleted', { messageIds: entryIds.filter(isMessage) }, entryIds, epoch),
      ...redacted.flatMap((one) => boundedOf(one, epoch)),
    ]);
  };

function boundedOf({ what, atMs }: TakenBack, epoch: string): NewEntry[] {
  const { senderIds, isEvery } = toldApart([what]);
  const redacts = [saidUntil(what, atMs)];
  if (isEvery) return [entryOf('chat:cleared', { saidUntilMs: atMs }, redacts, epoch)];
  return senderIds.map((personId) =>
    entryOf('chat:purged', { personId, saidUntilMs: atMs }, redacts, `${epoch} ${allOf(personId)}`),
  );
}

/** Ids of other entries that go with a message begin with a word: that of its pin. */
const isMessage = (entryId: string): boolean => /^[0-9a-f]{8}-/.test(entryId);

function entryOf<K extends RoomEventName>(
  kind: K,
  body: RoomEventBody<K>,
  redacts: readonly string[],
  life: string,
): NewEntry {
  const tail = { lane: 'host', senderId: '', entryId: '', redacts, kind, body: JSON.stringify(body) } as const;
  return { tail, clientKey: `${kind} again in ${life}` };
}
