import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../../shared/errors.ts';
import { globalKey } from '../../platform/redis.ts';

export type SignInLimit = ReturnType<typeof createSignInLimit>;

/**
 * Tries per window. The narrow one counts an account as tried from one network, so that a stranger's guesses do not lock out
 * its owner; many networks guessing at one account meet the wide one, and its owner is let through where they signed in before. Guests are many behind one address (a campus, a carrier).
 */
const windows = {
  'sign-in:account-from': { points: 10, durationSeconds: 15 * 60 },
  'sign-in:account': { points: 200, durationSeconds: 15 * 60 },
  'sign-in:network': { points: 100, durationSeconds: 15 * 60 },
  'register:network': { points: 100, durationSeconds: 60 * 60 },
  'exchange:network': { points: 3_000, durationSeconds: 60 * 60 },
  'exchange:person': { points: 60, durationSeconds: 60 * 60 },
  'guest:network': { points: 3_000, durationSeconds: 60 * 60 },
} as const;
type Window = keyof typeof windows;

/** How long a network is known for an account that signed in from there. */
const knownSeconds = 30 * 24 * 60 * 60;

/** Slows down guessing of passwords and mass sign-up, over all gateways; per process while Redis is away. */
export function createSignInLimit(redis: Redis) {
  const limiters = new Map(
    Object.entries(windows).map(([name, { points, durationSeconds }]) => {
      const insuranceLimiter = new RateLimiterMemory({ points, duration: durationSeconds });
      const options = { storeClient: redis, keyPrefix: globalKey(`limit:${name}`), points, duration: durationSeconds };
      return [name, new RateLimiterRedis({ ...options, insuranceLimiter })] as const;
    }),
  );

  return {
    takeGuest: (network: string) => take('guest:network', network),
    takeRegistration: (network: string) => take('register:network', network),
    takeExchange: (network: string) => take('exchange:network', network),
    takeForeign: (foreignId: string) => take('exchange:person', foreignId),
    async takeSignIn(email: string, network: string): Promise<void> {
      await take('sign-in:network', network);
      await take('sign-in:account-from', accountFrom(email, network));
      if (!(await isKnown(email, network))) await take('sign-in:account', email.toLowerCase());
    },
    /** After a right password: the owner's earlier typing mistakes are not held against them, nor what others try from elsewhere. */
    async welcome(email: string, network: string): Promise<void> {
      await limiters.get('sign-in:account-from')!.delete(accountFrom(email, network));
      await redis.set(knownKey(email, network), 1, 'EX', knownSeconds).catch(() => undefined);
    },
  };

  /** While Redis is away everybody is a stranger. */
  async function isKnown(email: string, network: string): Promise<boolean> {
    return (await redis.exists(knownKey(email, network)).catch(() => 0)) === 1;
  }

  async function take(window: Window, who: string): Promise<void> {
    try {
      await limiters.get(window)!.consume(who);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const minutes = Math.ceil(refusal.msBeforeNext / 60_000);
      const wait = `Too many tries; wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
      throw new AppError('RATE_LIMITED', wait, { retryAfterMs: refusal.msBeforeNext });
    }
  }
}

const knownKey = (email: string, network: string): string => globalKey(`signed-in:${accountFrom(email, network)}`);
const accountFrom = (email: string, network: string): string => `${email.toLowerCase()} ${network}`;
