import { newId } from '../../shared/ids.ts';
import type { Check } from '../gateway/health.ts';
import { createBeat } from '../platform/beat.redis.ts';
import type { Platform } from '../platform/platform.ts';

const lookEveryMs = 2_000;
/** Less than two looks, so that a process that was killed and started again has forgotten itself at its second one. */
const aliveMs = 3_900;

/**
 * Notices gateways that carry media each for themselves. All seems well with that until two people of one room come to
 * different gateways and do not see each other. It is said and not refused: while one gateway takes over from another it is so
 * for a moment.
 */
export function watchMediaApart({ redis, log, every }: Pick<Platform, 'redis' | 'log' | 'every'>): Check {
  const beat = createBeat(redis.commands, { group: 'media-carriers', aliveMs });
  const self = newId();
  let looks = 0;
  let apart = false;

  async function look(): Promise<void> {
    const carriers = await beat(self);
    looks += 1;
    const before = apart;
    apart = looks > 1 && carriers.length > 1;
    if (apart && !before)
      log.error(
        { carriers: carriers.length },
        'Gateways carry media each in their own process, so viewers of one do not see publishers of another. Run one media process and set NIGHTMARKET_MEDIA_URL on every gateway.',
      );
    if (before && !apart) log.info('media is carried by one process again');
  }

  every({ name: 'media carriers', everyMs: lookEveryMs, role: 'gateway', run: look });
  return {
    name: 'media for all gateways',
    essential: false,
    check: async () => (apart ? 'apart: set NIGHTMARKET_MEDIA_URL' : 'ok'),
  };
}
