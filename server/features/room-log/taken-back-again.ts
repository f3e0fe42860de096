import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { TakenBack } from './archive.pg.ts';
import type { LogStore, NewEntry } from './log-store.ts';
import { allOf, everyLine, everyLineUntil, toldApart } from './redacts.ts';

/**
 * Takes back once more, in a new life of a log, what was taken back in the lost end of the one before: the entries stand in the log
 * again, and only the archive knows that they are gone. Said once in a life, however often it is asked for. A chat that was cleared has
 * been talked in since: it is cleared of what was said until then.
 */
export const createTakingBackAgain =
  (store: Pick<LogStore, 'append'>) =>
  async (roomId: string, redacted: readonly TakenBack[], epoch: string): Promise<void> => {
    const { entryIds, senderIds } = toldApart(redacted.map(({ what }) => what));
    const cleared = redacted.find(({ what }) => what === everyLine);
    await store.append(roomId, [
      entryOf('chat:deleted', { messageIds: entryIds.filter(isMessage) }, entryIds, epoch),
      ...senderIds.map((personId) =>
        entryOf('chat:purged', { personId }, [allOf(personId)], `${epoch} ${allOf(personId)}`),
      ),
      ...(cleared ? [clearedOf(cleared, epoch)] : []),
    ]);
  };

const clearedOf = ({ atMs }: TakenBack, epoch: string): NewEntry =>
  entryOf('chat:cleared', { saidUntilMs: atMs }, [everyLineUntil(atMs)], epoch);

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
