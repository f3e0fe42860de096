import { z } from 'zod';
import type { NoticeBody, NoticeName } from '../../shared/protocol/index.ts';
import type { Platform } from '../platform/platform.ts';
import { globalKey } from '../platform/redis.ts';
import type { SocketServer } from './call.ts';

/**
 * Says something to all sockets of a person, on whichever gateway they are. Best effort: it is a hint to read again, and
 * whoever is not connected reads when they come back.
 */
export type TellPerson = <N extends NoticeName>(personId: string, name: N, body: NoticeBody<N>) => void;

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
  .pipe(z.object({ personId: z.string(), name: z.string(), body: z.unknown() }));

/** Socket.IO room that all sockets of a person are in. */
export const personRoom = (personId: string): string => `person:${personId}`;

/** The way from any process to the sockets of a person: published once, sent by every gateway that has some. */
export function createTellPerson({ redis, log, lifecycle }: Platform) {
  const tell: TellPerson = (personId, name, body) => {
    redis.commands
      .publish(channel, JSON.stringify({ personId, name, body }))
      .catch((error: unknown) => log.debug({ err: error, name }, 'notice lost'));
  };

  return {
    tell,
    /** Sends what any process tells to the sockets of this one. For gateways. */
    async deliver(io: SocketServer): Promise<void> {
      const onMessage = (from: string, text: string): void => {
        if (from !== channel) return;
        const message = Message.safeParse(text);
        if (!message.success) return log.warn({ channel }, 'a notice that is none was dropped');
        const { personId, name, body } = message.data;
        io.local.to(personRoom(personId)).emit(name as NoticeName, body as never);
      };
      redis.subscriber.on('message', onMessage);
      lifecycle.onClose('personal notices', () => redis.subscriber.off('message', onMessage));
      await redis.subscriber.subscribe(channel);
    },
  };
}
