import { z } from 'zod';
import type { NoticeBody, NoticeName } from '../../shared/protocol/index.ts';
import { groupsOf } from '../platform/each-of.ts';
import type { Platform } from '../platform/platform.ts';
import { globalKey } from '../platform/redis.ts';
import type { SocketServer } from './call.ts';

/**
 * Says something to all sockets of a person, on whichever gateway they are. Best effort: it is a hint to read again, and
 * whoever is not connected reads when they come back.
 */
export type TellPerson = <N extends NoticeName>(personId: string, name: N, body: NoticeBody<N>) => void;

/** The same for many people, each with a body of their own. Resolves when it is on its way, so that a long list does not pile up. */
export type TellEach = <N extends NoticeName>(
  name: N,
  told: readonly { personId: string; body: NoticeBody<N> }[],
) => Promise<void>;

/** People told in one message. */
const messagePeopleMax = 500;

const channel = globalKey('people');
const Message = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ name: z.string(), told: z.array(z.object({ personId: z.string(), body: z.unknown() })) }));

/** Socket.IO room that all sockets of a person are in. */
export const personRoom = (personId: string): string => `person:${personId}`;

/** The way from any process to the sockets of a person: published once, sent by every gateway that has some. */
export function createTellPerson({ redis, log, lifecycle }: Platform) {
  const tellEach: TellEach = async (name, told) => {
    for (const some of groupsOf(told, messagePeopleMax)) {
      await redis.commands
        .publish(channel, JSON.stringify({ name, told: some }))
        .catch((error: unknown) => log.debug({ err: error, name }, 'notice lost'));
    }
  };
  const tell: TellPerson = (personId, name, body) => void tellEach(name, [{ personId, body }]);

  return {
    tell,
    tellEach,
    /** Sends what any process tells to the sockets of this one. For gateways. */
    async deliver(io: SocketServer): Promise<void> {
      const { rooms } = io.sockets.adapter;
      const onMessage = (from: string, text: string): void => {
        if (from !== channel) return;
        const message = Message.safeParse(text);
        if (!message.success) return log.warn({ channel }, 'a notice that is none was dropped');
        const { name, told } = message.data;
        for (const { personId, body } of told)
          if (rooms.has(personRoom(personId)))
            io.local.to(personRoom(personId)).emit(name as NoticeName, body as never);
      };
      redis.subscriber.on('message', onMessage);
      lifecycle.onClose('personal notices', () => redis.subscriber.off('message', onMessage));
      await redis.subscriber.subscribe(channel);
    },
  };
}
