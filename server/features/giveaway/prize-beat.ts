import type { Redis } from 'ioredis';
import { globalKey } from '../../platform/redis.ts';
import type { AwardStore } from './awards.ts';

/** How often it is noted that prizes are seen to, ms; and after how long without it there was an outage. */
const beatEveryMs = 2_000;
const silentMsMin = 30_000;

/**
 * Says that prizes are being seen to. Whoever can't write to Redis sees to none: nobody can buy, and nobody can be told what they won,
 * however well the ledger is. So that is an outage like any other, and what it took from the winners is given back at its end.
 *
 * @throws Error when Redis can't be written to: then nothing may be passed on.
 */
export function createPrizeBeat(awards: Pick<AwardStore, 'beat'>, redis: Redis): () => Promise<void> {
  let beatAtMs = -Infinity;

  return async () => {
    await redis.set(globalKey('prizes-seen-to'), '1');
    if (performance.now() - beatAtMs < beatEveryMs) return;
    await awards.beat(silentMsMin);
    beatAtMs = performance.now();
  };
}
