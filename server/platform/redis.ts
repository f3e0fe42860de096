import { Redis, type Command, type RedisOptions } from 'ioredis';
import type { Log } from './log.ts';
import { StartError } from './start-error.ts';

export type RedisClients = ReturnType<typeof createRedis>;

/**
 * The connections of one process: one for commands, publishing among them, and one that only subscribes, because a subscribed
 * connection can't do anything else. Nothing here blocks a connection.
 *
 * Commands are not queued while the server is away: they fail at once and the caller answers RETRY. What was in flight when the
 * connection broke fails too, done or not, and is never sent again by itself: the server that comes back may have lost what the
 * command was built upon. So every write must carry its own idempotency key.
 *
 * @throws StartError when the address can't be read.
 */
export function createRedis({
  url,
  log,
  commandTimeoutMs = 5_000,
}: {
  url: string;
  log: Log;
  commandTimeoutMs?: number;
}) {
  const opened: Redis[] = [];

  const open = (role: string, options: RedisOptions, Client = Redis): Redis => {
    const client = made(Client, {
      connectionName: `nightmarket:${role}`,
      commandTimeout: commandTimeoutMs,
      // A host that is gone says nothing more, and its connection would be waited for until TCP gives up, a quarter of an hour:
      // one that has not answered for so long is left, and the address dialled anew.
      socketTimeout: 2 * commandTimeoutMs,
      keepAlive: 10_000,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
      ...options,
    });
    // Until it was there once, the sentence that ends the start says what is wrong.
    let usable = false;
    client.once('ready', () => (usable = true));
    client.on('error', (error) => log[usable ? 'warn' : 'debug']({ err: error, role }, 'Redis connection error'));
    opened.push(client);
    return client;
  };

  function made(Client: typeof Redis, options: RedisOptions): Redis {
    try {
      return new Client(url, options);
    } catch (error) {
      throw unusable((error as Error).message, error); // A password with a sign that is not encoded, say.
    }
  }

  const commands = open('commands', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
  });
  const subscriber = open('subscriber', { lazyConnect: true, autoResubscribe: true }, Subscriber);

  return {
    commands,
    subscriber,
    /** @throws StartError saying what the server answered, or that it does not. */
    connect: async (): Promise<void> => {
      await Promise.all([commands, subscriber].map(connected));
    },
    close: (): void => opened.forEach((client) => client.disconnect()),
  };
}

/**
 * After a reconnect ioredis subscribes again by itself and looks at no answer. If the server is silent longer than a command
 * waits, that rejection would be nobody's, and end the process. The command itself stays in the connection's queue and counts
 * when the server answers after all; callers of their own commands still get every rejection.
 */
class Subscriber extends Redis {
  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command]: [Command, ...unknown[]] = sent;
    command.promise.catch(() => undefined);
    return super.sendCommand(...sent);
  }
}

/** ioredis rejects with "Connection is closed"; why it was closed is in the error event before. */
async function connected(client: Redis): Promise<void> {
  let reason: unknown;
  const note = (error: unknown): void => void (reason = error);
  client.on('error', note);
  try {
    await client.connect();
  } catch (error) {
    const { message, code } = (reason ?? error) as NodeJS.ErrnoException;
    throw unusable(message || code, error);
  } finally {
    client.off('error', note);
  }
}

function unusable(why: string | undefined, cause: unknown): StartError {
  // What ioredis makes of a connection that ends without a word.
  const shown = /^(Reached the max retries|Connection is closed)/.test(why ?? '') ? 'it closes the connection' : why;
  return new StartError(`Redis can't be used (${shown}): check REDIS_URL.`, { cause });
}

/** Many calls in one go; their answers in order. @throws the first error that one of them was answered with. */
export async function askAll(redis: Redis, calls: (string | number)[][]): Promise<unknown[]> {
  const answers = (await redis.pipeline(calls).exec()) ?? [];
  return answers.map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

/** Key of one part of a room. The hash tag keeps everything of a room on one cluster slot; v1 is the layout's version. */
export const roomKey = (roomId: string, part: string): string => `nm:v1:{room:${roomId}}:${part}`;

/**
 * Redis forgets what it knows of a room when nothing was written to it for so long, ms: long after what must stay is in PostgreSQL,
 * and before the shows of a year fill its memory.
 */
export const roomKeptMs = 7 * 86_400_000;

/** Key of something that belongs to no room. */
export const globalKey = (part: string): string => `nm:v1:${part}`;
