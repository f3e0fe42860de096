import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import { defineScript } from '../../platform/lua.ts';
import { roomKey } from '../../platform/redis.ts';

/** `again`: this message has had its turn. `key_reused`: its id had one, with other contents. */
export type Turn =
  { outcome: 'taken' | 'again' | 'key_reused' } | { outcome: 'too_fast' | 'same_text'; waitMs: number };

export type TurnRequest = {
  roomId: string;
  message: ChatMessage;
  /** The text so that small changes don't make another one; "" when nothing of it is left. */
  folded: string;
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
const outcomes = [null, 'taken', 'too_fast', 'same_text', 'again', 'key_reused'] as const;

export type Turns = ReturnType<typeof createTurns>;

/** The pace of each person in each room, over all gateways. */
export function createTurns(redis: Redis, nowMs: () => number) {
  return {
    async take({ roomId, message, folded, slowSeconds }: TurnRequest): Promise<Turn> {
      const { messageId, senderId, text, mentions } = message;
      const { paceMs, burst } = slowSeconds > 0 ? { paceMs: slowSeconds * 1_000, burst: slowBurst } : fastest;
      const args = [messageId, hashOf([text, mentions]), hashOf([folded || text]), paceMs, burst, sameTextMs, nowMs()];
      const [code, waitMs] = await takeTurn(redis, [roomKey(roomId, `turns:${senderId}`)], args);
      const outcome = outcomes[code];
      if (!outcome) throw new TypeError(`take-turn.lua answered with unknown outcome ${code}`);
      return outcome === 'too_fast' || outcome === 'same_text' ? { outcome, waitMs } : { outcome };
    },
  };
}

const hashOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);
