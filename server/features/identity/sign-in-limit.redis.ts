import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../../shared/errors.ts';
import { globalKey } from '../../platform/redis.ts';

export type SignInLimit = ReturnType<typeof createSignInLimit>;

/** Tries per window. Guests are many behind one address (a campus, a carrier), so theirs is wide. */
const windows = {
  'sign-in:email': { points: 10, durationSeconds: 15 * 60 },
  'sign-in:ip': { points: 100, durationSeconds: 15 * 60 },
  'register:ip': { points: 100, durationSeconds: 60 * 60 },
  'guest:ip': { points: 3_000, durationSeconds: 60 * 60 },
} as const;
type Window = keyof typeof windows;

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
    takeGuest: (ip: string) => take('guest:ip', ip),
    takeRegistration: (ip: string) => take('register:ip', ip),
    async takeSignIn(email: string, ip: string): Promise<void> {
      await take('sign-in:ip', ip);
      await take('sign-in:email', email.toLowerCase());
    },
    /** After a right password: the owner's earlier typing mistakes are not held against them. */
    async forgive(email: string): Promise<void> {
      await limiters.get('sign-in:email')!.delete(email.toLowerCase());
    },
  };

  async function take(window: Window, who: string): Promise<void> {
    try {
      await limiters.get(window)!.consume(who);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new AppError('RATE_LIMITED', undefined, { retryAfterMs: refusal.msBeforeNext });
    }
  }
}
