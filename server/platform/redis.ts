import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from './log.ts';

export type RedisClients = ReturnType<typeof createRedis>;

/**
 * The connections of one process: one for commands, one that only subscribes, and blocking ones on demand.
 * A blocked or subscribed connection can't serve anybody else, so they are never shared.
 *
 * Commands are not queued while the server is away: they fail at once and the caller answers RETRY. ioredis resends what
 * was in flight when a connection broke, so every write must carry its own idempotency key.
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

  const open = (role: string, options: RedisOptions): Redis => {
    const client = new Redis(url, {
      connectionName: `nightmarket:${role}`,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
      ...options,
    });
    client.on('error', (error) => log.warn({ err: error, role }, 'Redis connection error'));
    opened.push(client);
    return client;
  };

  const commands = open('commands', { enableOfflineQueue: false, commandTimeout: commandTimeoutMs, lazyConnect: true });
  const subscriber = open('subscriber', { lazyConnect: true, autoResubscribe: true });

  return {
    commands,
    subscriber,
    /** A connection of its own for commands that block. No time limit: the caller closes it. */
    blocking: (role: string): Redis => open(role, { maxRetriesPerRequest: null }),
    connect: async (): Promise<void> => {
      await Promise.all([commands.connect(), subscriber.connect()]);
    },
    close: (): void => opened.forEach((client) => client.disconnect()),
  };
}

/** Key of one part of a room. The hash tag keeps everything of a room on one cluster slot; v1 is the layout's version. */
export const roomKey = (roomId: string, part: string): string => `nm:v1:{room:${roomId}}:${part}`;

/** Key of something that belongs to no room. */
export const globalKey = (part: string): string => `nm:v1:${part}`;
