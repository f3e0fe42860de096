import { Redis } from 'ioredis';
import type { TypedEntry } from '../../shared/frames.ts';
import type { KeptLog } from './history-checker.ts';

/** What a client saw in an entry, as the kept log has it. */
export const textOf = (entry: TypedEntry): string => (entry.kind === 'chat:message' ? entry.body.text : entry.kind);

/** The log of a room, read from Redis without the code under test. */
export async function keptLog(redisUrl: string, roomId: string): Promise<KeptLog> {
  const redis = new Redis(redisUrl);
  const rows = await redis.xrange(`nm:v1:{room:${roomId}}:log`, '-', '+');
  redis.disconnect();
  return new Map(
    rows.map(([id, fields]) => {
      const [, , , , , , kind, body] = fields[1]!.split('\t');
      return [parseInt(id, 10), kind === 'chat:message' ? (JSON.parse(body!) as { text: string }).text : kind!];
    }),
  );
}
