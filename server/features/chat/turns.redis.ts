import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { defineScript } from '../../platform/lua.ts';
import { roomKey } from '../../platform/redis.ts';

export type Turn = { outcome: 'taken' } | { outcome: 'too_fast' | 'same_text'; waitMs: number };

export type TurnRequest = {
  roomId: string;
  personId: string;
  key: string;
  /** Folded, so that small changes don't make another text. */
  text: string;
  /** 0: the room has no slow mode. */
  slowSeconds: number;
};

/** Without slow mode: five messages a second for long, twenty at once. More is a machine. */
const fastest = { paceMs: 200, burst: 20 };
/** With slow mode two may follow each other, so that "hello" does not use up the question after it. */
const slowBurst = 2;
/** The same text by the same person counts as a flood for this long, ms. */
const sameTextMs = 10_000;

const takeTurn = defineScript(new URL('./lua/take-turn.lua', import.meta.url), 1, z.tuple([z.int(), z.int()]));
/** Index = the outcome number in lua/take-turn.lua; 0 is unused there. */
const outcomes = [null, 'taken', 'too_fast', 'same_text'] as const;

export type Turns = ReturnType<typeof createTurns>;

/** The pace of each person in each room, over all gateways. */
export function createTurns(redis: Redis, nowMs: () => number) {
  return {
    /** @throws AppError RETRY when Redis is away. */
    async take({ roomId, personId, key, text, slowSeconds }: TurnRequest): Promise<Turn> {
      const { paceMs, burst } = slowSeconds > 0 ? { paceMs: slowSeconds * 1_000, burst: slowBurst } : fastest;
      const args = [key, hashOf(text), paceMs, burst, sameTextMs, nowMs()];
      const [code, waitMs] = await takeTurn(redis, [roomKey(roomId, `turns:${personId}`)], args).catch(asRetry);
      const outcome = outcomes[code];
      if (!outcome) throw new TypeError(`take-turn.lua answered with unknown outcome ${code}`);
      return outcome === 'taken' ? { outcome } : { outcome, waitMs };
    },
  };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12);

function asRetry(error: unknown): never {
  if (error instanceof z.ZodError) throw error;
  throw new AppError('RETRY', 'Chat is not available this moment.', { retryAfterMs: 500 });
}
