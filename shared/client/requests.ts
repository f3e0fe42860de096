import type { Socket } from 'socket.io-client';
import type { z } from 'zod';
import { AppError, type ErrorBody } from '../errors.ts';
import type { Reply } from '../protocol/define.ts';
import type { CommandName, Commands, Output } from '../protocol/index.ts';
import { reads, repeatable as repeatables } from '../protocol/repeatable.ts';
import { backoffMs } from './backoff.ts';
import type { Time } from './time.ts';

export type RequestOptions = {
  /** ms until an answer counts as lost. Default 8,000. */
  timeoutMs?: number;
  /** How often it is sent at the most. Default 4. */
  triesMax?: number;
  /**
   * Sent again when the answer got lost, so that it may arrive twice. Default: when the input has a `requestKey`, because then the server
   * does it once, and when something is set that is so after the second time too. A retryable refusal is always tried again, unless it is to be waited for
   * long: nothing was done.
   */
  repeatable?: boolean;
};

export type Request = <E extends CommandName>(
  name: E,
  input: z.input<Commands[E]['input']>,
  options?: RequestOptions,
) => Promise<Output<E>>;

const waits = { firstMs: 300, maxMs: 5_000 };
/** Whoever is to come again later than that, ms, is told so: a person waits for the answer. */
const patienceMs = 10_000;

/** Sends commands and waits for their answers. @throws AppError as the server said it, or RETRY when no answer came. */
export function createRequests(socket: Socket, time: Time): Request {
  /** By command: how many were sent, to know whether there is a later one. */
  const sent = new Map<string, number>();

  return async function request(name, input, options = {}) {
    const place = (sent.get(name) ?? 0) + 1;
    sent.set(name, place);
    const { timeoutMs = 8_000, triesMax = 4, repeatable } = options;
    // What was set meanwhile is not set back by what was meant before it.
    const mayRepeat = (): boolean =>
      repeatable ?? ('requestKey' in input || (isSetting(name) && sent.get(name) === place));
    for (let tries = 1; ; tries += 1) {
      const reply = await sendOnce<Output<typeof name>>(name, input, timeoutMs);
      if (reply?.ok) return reply.data;
      const mayRetry = reply ? reply.error.retryable : mayRepeat();
      const atLeastMs = reply?.error.retryAfterMs ?? 0;
      if (!mayRetry || tries >= triesMax || atLeastMs > patienceMs) throw errorOf(reply?.error);
      await new Promise<void>((resolve) => {
        time.after(Math.max(atLeastMs, backoffMs(tries, waits, time.random)), resolve);
      });
      if (!reply && !mayRepeat()) throw errorOf(undefined);
    }
  };

  /** Undefined when no answer came. */
  async function sendOnce<T>(name: string, input: unknown, timeoutMs: number): Promise<Reply<T> | undefined> {
    try {
      return (await socket.timeout(timeoutMs).emitWithAck(name, input)) as Reply<T>;
    } catch {
      return undefined;
    }
  }
}

/** Not what reads: a page that waits for it says at once that it failed, and has a button to ask again. */
const isSetting = (name: string): boolean => repeatables.has(name) && !reads.has(name);

function errorOf(error: ErrorBody | undefined): AppError {
  if (!error) return new AppError('RETRY', 'The server did not answer in time.');
  return new AppError(error.code, error.message, error);
}
