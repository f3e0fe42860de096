import type { Redis } from 'ioredis';
import { StartError } from '../../platform/start-error.ts';

/**
 * A gate is several keys without a time to live. A Redis that throws away any key when it is full could forget who has bought how
 * much while the rest of the gate looks healthy: nothing would notice, and limits per buyer would be broken.
 *
 * @throws StartError when this Redis is set up to do so.
 */
export async function refuseEviction(redis: Redis): Promise<void> {
  const memory = await redis.info('memory');
  const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'noeviction';
  const isBounded = !/^maxmemory:0\s*$/m.test(memory);
  if (policy.startsWith('allkeys') && isBounded)
    throw new StartError(
      `Redis may throw away any key when it is full (maxmemory-policy ${policy}), and with it who has bought what: set it to noeviction.`,
    );
}
