import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Position } from '../../../shared/protocol/room.ts';
import { defineScript } from '../../platform/lua.ts';
import { globalKey, roomKey } from '../../platform/redis.ts';
import { parseLine, tailOf, type LogEntry } from './log-line.ts';
import type { LogEnd, LogStore, NewEntry } from './log-store.ts';
import type { Appended } from './room-log.ts';
import { createRunId } from './run-id.redis.ts';

export type LogStoreOptions = {
  /** Chat entries of one room shown per second; more are thinned. */
  chatPerSecondMax: number;
};

/** Entries kept per room, about. At 200 a second the archive has 100 s to take them. */
const entriesMax = 20_000;
/** Client keys remembered per generation and room; the last 20,000 to 40,000 messages can be retried. */
const seenMax = 20_000;

const appendScript = defineScript(
  new URL('./lua/append.lua', import.meta.url),
  4,
  z.tuple([z.string()]).rest(z.number()),
);

export const feedChannel = (roomId: string): string => roomKey(roomId, 'feed');

export function createLogStore(redis: Redis, { chatPerSecondMax }: LogStoreOptions): LogStore {
  const runId = createRunId(redis);
  const newEpoch = createEpochNames();
  const notedAtMs = new Map<string, number>();

  return {
    async append(roomId, entries) {
      const keys = ['log:meta', 'log', 'log:seen', 'log:seen-old'].map((part) => roomKey(roomId, part));
      const limits = [chatPerSecondMax, entriesMax, seenMax];
      noteNews(roomId);
      const args = [feedChannel(roomId), newEpoch(), await runId(), ...limits, ...entries.flatMap(argsOf)];
      return positionsOf(await appendScript(redis, keys, args));
    },
    async positionOf(roomId, senderId, clientKey) {
      const id = dedupeId(senderId, clientKey);
      const [newer, older] = await Promise.all(
        ['log:seen', 'log:seen-old'].map((part) => redis.hget(roomKey(roomId, part), id)),
      );
      const at = newer ?? older;
      const epoch = at && (await redis.hget(roomKey(roomId, 'log:meta'), 'epoch'));
      return at && epoch ? { epoch, offset: parseInt(at, 10) } : null;
    },
    async end(roomId) {
      return endOf(await redis.hmget(roomKey(roomId, 'log:meta'), ...endFields));
    },
    async ends(roomIds) {
      const answers = await redis
        .pipeline(roomIds.map((roomId) => ['hmget', roomKey(roomId, 'log:meta'), ...endFields]))
        .exec();
      return (answers ?? []).map(([error, fields]) => {
        if (error) throw error;
        return endOf(fields as (string | null)[]);
      });
    },
    async entriesAfter(roomId, offset, max) {
      const rows = await redis.xrange(roomKey(roomId, 'log'), `${offset + 1}-0`, '+', 'COUNT', max);
      return rows.map(entryOf);
    },
    async lastEntries(roomId, max) {
      const rows = await redis.xrevrange(roomKey(roomId, 'log'), '+', '-', 'COUNT', max);
      return rows.reverse().map(entryOf);
    },
    async setAggregates(roomId, values) {
      await redis
        .pipeline()
        .hset(roomKey(roomId, 'aggregates'), values)
        .publish(feedChannel(roomId), `a\n${JSON.stringify(values)}`)
        .exec();
    },
    signal: (roomId, name, text) => redis.publish(feedChannel(roomId), `s\n${name}\n${text}`),
    noteNews,
    async roomsWithNews() {
      await redis.zremrangebyscore(newsKey, 0, Date.now() - newsForMs * 10);
      return redis.zrangebyscore(newsKey, Date.now() - newsForMs, '+inf');
    },
    async aggregates(roomId) {
      const fields = await redis.hgetall(roomKey(roomId, 'aggregates'));
      return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, valueOf(text)]));
    },
  };

  /** For the archive: at the most once a second and room. When it gets lost, the next entry notes the room again. */
  function noteNews(roomId: string): void {
    const now = Date.now();
    if (now - (notedAtMs.get(roomId) ?? 0) < 1_000) return;
    notedAtMs.delete(roomId);
    notedAtMs.set(roomId, now);
    if (notedAtMs.size > notedMax) notedAtMs.delete(notedAtMs.keys().next().value!);
    redis.zadd(newsKey, now, roomId).catch(() => notedAtMs.delete(roomId));
  }
}

/** Rooms with entries that may not be archived yet, by the time they were last noted. No part of any room, so not in its slot. */
const newsKey = globalKey('log:news');
/** Rooms whose last note is remembered. */
const notedMax = 10_000;
/** A room stays noted this long, ms; it is noted anew every second while there is news. */
const newsForMs = 60_000;

const endFields = ['epoch', 'offset', 'lives'];

function endOf([epoch, offset, lives]: readonly (string | null)[]): LogEnd | null {
  if (!epoch) return null;
  const before = lives ? lives.split(' ').map(positionOf) : [];
  return { epoch, offset: Number(offset), before };
}

function positionOf(text: string): Position {
  const [epoch = '', offset] = text.split(':');
  return { epoch, offset: Number(offset) };
}

function argsOf({ tail, clientKey }: NewEntry): [string, string] {
  return [clientKey === undefined ? '' : dedupeId(tail.senderId, clientKey), tailOf(tail)];
}

const dedupeId = (senderId: string, clientKey: string): string => `${senderId}\t${clientKey}`;

function positionsOf([epoch, ...numbers]: [string, ...number[]]): Appended[] {
  const appended: Appended[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    appended.push({ epoch, offset: numbers[i]!, atMs: numbers[i + 1]!, duplicate: numbers[i + 2] === 1 });
  }
  return appended;
}

/** Names that were never used before: random ones would cost each append more than all else it does here. */
function createEpochNames(): () => string {
  const process = randomBytes(6).toString('base64url');
  let named = 0;
  return () => `${process}${(named++).toString(36)}`;
}

function entryOf([id, fields]: [string, string[]]): LogEntry {
  return Object.assign(parseLine(fields[1]!), { offset: parseInt(id, 10) });
}

/** Aggregates are numbers, or text that no number prints as. */
const valueOf = (text: string): number | string => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
