import { Redis } from 'ioredis';
import type { TypedEntry } from '../../shared/frames.ts';
import type { KeptEntry, KeptLog } from './history-checker.ts';

/** What a client saw in an entry, as the kept log has it. */
export const textOf = (entry: TypedEntry): string => (entry.kind === 'chat:message' ? entry.body.text : entry.kind);

/** The log of a room, read from Redis without the code under test. */
export async function keptLog(redisUrl: string, roomId: string): Promise<KeptLog> {
  const redis = new Redis(redisUrl);
  const rows = await redis.xrange(`nm:v1:{room:${roomId}}:log`, '-', '+');
  redis.disconnect();
  const takenBack = new Set<string>();
  const log = new Map<number, KeptEntry>();
  // From the end: what takes an entry back comes after it.
  for (const [id, fields] of rows.reverse()) {
    const [thinned, , , senderId, entryId, redacts, kind, body] = fields[1]!.split('\t');
    const text = kind === 'chat:message' ? (JSON.parse(body!) as { text: string }).text : kind!;
    const mayBeOmitted = thinned === '1' || takenBack.has(entryId!) || takenBack.has(`sender:${senderId}`);
    log.set(parseInt(id, 10), { text, mayBeOmitted });
    for (const what of redacts!.split(',')) if (what !== '') takenBack.add(what);
  }
  return log;
}
