import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import { createBatches } from '../../platform/batches.ts';
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
/** Texts of a person that are remembered, so that two said in turn are a flood too. */
const textsMax = 8;

/**
 * Turns of one room are asked for this often at the most, ms. In a room where much is said several messages then share each
 * step of their way (this call, the append, what Redis publishes); the first after a silence does not wait.
 */
const gapMs = 25;
/** Turns of one call. A call blocks Redis for about 5 µs a turn. */
const batchMax = 256;
/** Messages waiting for their turn, over all rooms; more are refused with RETRY. */
const waitingMax = 5_000;

const takeTurns = defineScript(new URL('./lua/take-turns.lua', import.meta.url), 'any', z.array(z.int()));
/** Index = the outcome number in lua/take-turns.lua; 0 is unused there. */
const outcomes = [null, 'taken', 'too_fast', 'same_text', 'again', 'key_reused'] as const;

export type Turns = ReturnType<typeof createTurns>;

/** The pace of each person in each room, over all gateways. */
export function createTurns(redis: Redis) {
  const turns = createBatches<TurnRequest, Turn>({ itemsMax: batchMax, waitingMax, gapMs, run: takeAll });

  return {
    take: (request: TurnRequest): Promise<Turn> => turns.add(request.roomId, request),
  };

  async function takeAll(roomId: string, requests: readonly TurnRequest[]): Promise<Turn[]> {
    const keys = requests.map(({ message }) => roomKey(roomId, `turns:${message.senderId}`));
    const numbers = await takeTurns(redis, keys, [sameTextMs, textsMax, ...requests.flatMap(argsOf)]);
    return requests.map((_, i) => turnOf(numbers[i * 2]!, numbers[i * 2 + 1]!));
  }
}

function argsOf({ message, folded, slowSeconds }: TurnRequest): (string | number)[] {
  const { messageId, text, mentions } = message;
  const { paceMs, burst } = slowSeconds > 0 ? { paceMs: slowSeconds * 1_000, burst: slowBurst } : fastest;
  return [messageId, hashOf([text, mentions]), hashOf([folded || text]), paceMs, burst];
}

function turnOf(code: number, waitMs: number): Turn {
  const outcome = outcomes[code];
  if (!outcome) throw new TypeError(`take-turns.lua answered with unknown outcome ${code}`);
  return outcome === 'too_fast' || outcome === 'same_text' ? { outcome, waitMs } : { outcome };
}

const hashOf = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 12);
