import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { LogStore, NewEntry } from './log-store.ts';
import { allOf, everyLine, toldApart } from './redacts.ts';

/**
 * Takes back once more, in a new life of a log, what was taken back in the lost end of the one before: the entries stand in the log
 * again, and only the archive knows that they are gone. Said once in a life, however often it is asked for.
 */
export const createTakingBackAgain =
  (store: Pick<LogStore, 'append'>) =>
  async (roomId: string, redacts: readonly string[], epoch: string): Promise<void> => {
    const { entryIds, senderIds, isEvery } = toldApart(redacts);
    await store.append(roomId, [
      entryOf('chat:deleted', { messageIds: entryIds.filter(isMessage) }, entryIds, epoch),
      ...senderIds.map((personId) =>
        entryOf('chat:purged', { personId }, [allOf(personId)], `${epoch} ${allOf(personId)}`),
      ),
      ...(isEvery ? [entryOf('chat:cleared', {}, [everyLine], epoch)] : []),
    ]);
  };

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
