import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import { defineScript } from '../../platform/lua.ts';
import { askAll, roomKey, roomKeptMs } from '../../platform/redis.ts';
import { parseLine, tailOf, type LineTail, type LogEntry } from './log-line.ts';
import type { LogEnd, LogStore, NewEntry } from './log-store.ts';
import type { AggregateSource, Appended } from './room-log.ts';
import { runIdOf } from './run-id.redis.ts';

export type LogStoreOptions = {
  /** Chat entries of one room shown per second; more are thinned. */
  chatPerSecondMax: number;
  /** Hears of every append before it is made. Default: nobody does. */
  onAppend?: (roomId: string) => void;
};

/** Entries kept per room, about. At 200 a second the archive has 100 s to take them. */
const entriesMax = 20_000;
/** Bytes of the lines of a room, about: so many entries of a usual length, and a fifth of them where all lines are as long as may be. */
const bytesMax = 8_000_000;
/** Client keys remembered per generation and room; the last 20,000 to 40,000 messages can be retried. */
const seenMax = 20_000;
/** Ids of held messages remembered per generation and room: several times as many as wait for staff at once. */
const asideMax = 5_000;
/** A log that nothing more is expected in is kept so long: the archive takes it within a second, or when it is back. */
const letGoMs = 86_400_000;
/** By then every gateway has read the sanction itself, ms. */
const silencedMs = 60_000;

const appendScript = defineScript(
  new URL('./lua/append.lua', import.meta.url),
  5,
  z.tuple([z.string()]).rest(z.number()),
);

const recallScript = defineScript(
  new URL('./lua/recall.lua', import.meta.url),
  6,
  z.tuple([z.int(), z.string(), z.int(), z.string()]),
);
/** Index = the fate number in lua/recall.lua. */
const fates = ['unknown', 'aside', 'appended', 'redacted'] as const;

const setAsideScript = defineScript(new URL('./lua/set-aside.lua', import.meta.url), 2, z.int());
const silenceScript = defineScript(new URL('./lua/silence.lua', import.meta.url), 1, z.int());

/** Answers with how many were set. */
const copyScript = defineScript(new URL('./lua/copy-aggregates.lua', import.meta.url), 'any', z.int());

const logParts = ['log:meta', 'log', 'log:seen', 'log:seen-old'];
const asideParts = ['log:aside', 'log:aside-old'];

export const feedChannel = (roomId: string): string => roomKey(roomId, 'feed');

export function createLogStore(redis: Redis, { chatPerSecondMax, onAppend }: LogStoreOptions): LogStore {
  const runId = runIdOf(redis);
  const newEpoch = createEpochNames();

  return {
    async append(roomId, entries) {
      const keys = [...logParts, 'log:silent'].map((part) => roomKey(roomId, part));
      const limits = [chatPerSecondMax, entriesMax, seenMax, roomKeptMs, bytesMax, letGoMs];
      onAppend?.(roomId);
      const args = [feedChannel(roomId), newEpoch(), await runId(), ...limits, ...entries.flatMap(argsOf)];
      return positionsOf(await appendScript(redis, keys, args));
    },
    async silence(roomId, personId) {
      await silenceScript(redis, [roomKey(roomId, 'log:silent')], [personId, silencedMs]);
    },
    async recall(roomId, entryId) {
      const parts = ['log:seen', 'log:seen-old', 'log:meta', 'log', ...asideParts];
      const keys = parts.map((part) => roomKey(roomId, part));
      const [number, epoch, offset, line] = await recallScript(redis, keys, [entryId]);
      const fate = fates[number];
      if (fate === 'aside') return fate;
      if (fate !== 'appended' && fate !== 'redacted') return null;
      return { position: { epoch, offset }, entry: line ? parseLine(line) : null, redacted: fate === 'redacted' };
    },
    async isAppended(roomId, clientKey) {
      const asked = ['log:seen', 'log:seen-old'].map((part) => ['hexists', roomKey(roomId, part), `\t${clientKey}`]);
      return (await askAll(redis, asked)).includes(1);
    },
    async setAside(roomId, entryId) {
      const keys = asideParts.map((part) => roomKey(roomId, part));
      await setAsideScript(redis, keys, [entryId, asideMax, roomKeptMs]);
    },
    async forgetAside(roomId, entryId) {
      await askAll(
        redis,
        asideParts.map((part) => ['srem', roomKey(roomId, part), entryId]),
      );
    },
    async letGo(roomId, over) {
      const meta = roomKey(roomId, 'log:meta');
      const mark = over ? ['hset', meta, 'letGo', 1] : ['hdel', meta, 'letGo'];
      const keptMs = over ? letGoMs : roomKeptMs;
      await askAll(redis, [mark, ...logParts.map((part) => ['pexpire', roomKey(roomId, part), keptMs])]);
    },
    async end(roomId) {
      return endOf(await redis.hmget(roomKey(roomId, 'log:meta'), ...endFields));
    },
    async ends(roomIds) {
      const answers = await askAll(redis, roomIds.map(askEnd));
      return answers.map((answer) => endOf(answer as (string | null)[]));
    },
    async states(roomIds) {
      const answers = await askAll(
        redis,
        roomIds.flatMap((roomId) => [askEnd(roomId), ['hgetall', roomKey(roomId, 'aggregates')]]),
      );
      return roomIds.map((_, i) => ({
        end: endOf(answers[i * 2] as (string | null)[]),
        aggregates: aggregatesOf(answers[i * 2 + 1] as Record<string, string>),
      }));
    },
    async entriesAfter(roomId, offset, max) {
      return (await redis.xrange(...rangeAfter(roomId, offset, max))).map(entryOfRow);
    },
    async entriesAfterEach(places, max) {
      const asked = places.map(({ roomId, offset }) => ['xrange', ...rangeAfter(roomId, offset, max)]);
      const answers = (await askAll(redis, asked)) as [string, string[]][][];
      return answers.map((rows) => rows.map(entryOfRow));
    },
    async lastEntries(roomId, max) {
      const rows = await redis.xrevrange(roomKey(roomId, 'log'), '+', '-', 'COUNT', max);
      return rows.reverse().map(entryOfRow);
    },
    async setAggregates(roomId, values) {
      const { known, sources } = bySource(values);
      await Promise.all([
        Object.keys(known).length > 0 && setKnown(roomId, known),
        sources.length > 0 && copyFrom(roomId, sources),
      ]);
    },
    signal: (roomId, name, text) => redis.publish(feedChannel(roomId), `s\n${name}\n${text}`),
    async aggregates(roomId) {
      return aggregatesOf(await redis.hgetall(roomKey(roomId, 'aggregates')));
    },
  };

  async function setKnown(roomId: string, values: Aggregates): Promise<void> {
    await redis
      .multi()
      .hset(roomKey(roomId, 'aggregates'), values)
      .pexpire(roomKey(roomId, 'aggregates'), roomKeptMs)
      .publish(feedChannel(roomId), `a\n${JSON.stringify(values)}`)
      .exec();
  }

  async function copyFrom(roomId: string, sources: readonly (AggregateSource & { name: string })[]): Promise<void> {
    const keys = [roomKey(roomId, 'aggregates'), ...sources.map(({ key }) => key)];
    const args = sources.flatMap(({ name, field }) => [name, field]);
    await copyScript(redis, keys, [roomKeptMs, feedChannel(roomId), ...args]);
  }
}

function bySource(values: Readonly<Record<string, number | string | AggregateSource>>) {
  const known: Aggregates = {};
  const sources: (AggregateSource & { name: string })[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object') sources.push({ name, ...value });
    else known[name] = value;
  }
  return { known, sources };
}

const rangeAfter = (roomId: string, offset: number, max: number) =>
  [roomKey(roomId, 'log'), `${offset + 1}-0`, '+', 'COUNT', max] as const;

const endFields = ['epoch', 'offset', 'lives'];
const askEnd = (roomId: string): string[] => ['hmget', roomKey(roomId, 'log:meta'), ...endFields];

function endOf([epoch, offset, lives]: readonly (string | null)[]): LogEnd | null {
  if (!epoch) return null;
  const before = lives ? lives.split(' ').map(positionOf) : [];
  return { epoch, offset: Number(offset), before };
}

function positionOf(text: string): Position {
  const [epoch = '', offset] = text.split(':');
  return { epoch, offset: Number(offset) };
}

function argsOf({ tail, clientKey, unlessSilenced, unheard }: NewEntry): [string, string, string] {
  return [unlessSilenced ? tail.senderId : '', dedupeId(tail, clientKey), tailOf(tail, unheard)];
}

function dedupeId({ entryId, senderId }: LineTail, clientKey: string | undefined): string {
  if (clientKey === undefined) return '';
  return clientKey === entryId ? entryKey(entryId) : `${senderId}\t${clientKey}`;
}

const entryKey = (entryId: string): string => `id\t${entryId}`;

function positionsOf([epoch, ...numbers]: [string, ...number[]]): Appended[] {
  const appended: Appended[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    const [offset, atMs, fate] = numbers.slice(i, i + 3) as [number, number, number];
    const at = { epoch, offset, atMs, duplicate: fate === 1 };
    appended.push(fate === 2 ? { ...at, silenced: true } : at);
  }
  return appended;
}

/** Names that were never used before: random ones would cost each append more than all else it does here. */
function createEpochNames(): () => string {
  const process = randomBytes(6).toString('base64url');
  let named = 0;
  return () => `${process}${(named++).toString(36)}`;
}

function entryOfRow([id, fields]: [string, string[]]): LogEntry {
  return Object.assign(parseLine(fields[1]!), { offset: parseInt(id, 10) });
}

const aggregatesOf = (fields: Record<string, string>): Aggregates =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, valueOf(text)]));

/** Aggregates are numbers, or text that no number prints as. */
const valueOf = (text: string): number | string => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
