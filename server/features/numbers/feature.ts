import { AppError } from '../../../shared/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import { createLookQueue } from './look-queue.ts';
import { createLookCounts } from './looks.redis.ts';
import { createNumbersStore } from './numbers-store.pg.ts';
import { createSampling } from './sampling.ts';

type Needs = {
  audienceOf: (roomId: string) => Promise<{ likes: number; viewers: number; visitors: number }>;
};

const sampleEveryMs = 10_000;
/** Less than anybody needs to open an offer that has just been made. */
const offersFreshMs = 100;
const roomsMax = 1_000;

/** What a show brings: curves while it is on, a summary afterwards. */
export function createNumbersFeature({ db, redis, log, every, nowMs }: Platform, { audienceOf }: Needs) {
  const store = createNumbersStore(db);
  const looks = createLookCounts(redis.commands);
  const offers = createShortMemory({ read: store.offersOf, freshMs: offersFreshMs, keysMax: roomsMax, nowMs });
  const look = createLookQueue({
    add: looks.add,
    after: (ms, run) => setTimeout(run, ms).unref(),
    onError: (error, roomId) => log.warn({ err: error, roomId }, 'looks at products not counted'),
  });
  return {
    register(gateway: Gateway): void {
      gateway.expose('offer:look', async ({ personId }, { roomId, offerId }) => {
        if (!(await offers.of(roomId)).includes(offerId)) throw new AppError('NOT_FOUND');
        return { noted: look(roomId, { personId, offerId }) };
      });
      gateway.expose('room:numbers', (_viewer, { roomId, afterMs = 0 }) => numbersOf(roomId, afterMs));
      every({
        name: 'points of shows',
        everyMs: sampleEveryMs,
        exclusive: true,
        run: createSampling({ store, looks, audienceOf }),
      });
    },
  };

  async function numbersOf(roomId: string, afterMs: number) {
    const [points, sales, marks, products, totals] = await Promise.all([
      store.points(roomId, afterMs),
      store.sales(roomId, afterMs),
      store.marks(roomId),
      store.products(roomId),
      store.totals(roomId),
    ]);
    // Of the last seconds only Redis knows; without it, what was saved is shown.
    const fresh = await looks
      .of(
        roomId,
        products.map(({ offerId }) => offerId),
      )
      .catch(() => []);
    return {
      points,
      sales,
      marks: marks.toReversed(),
      products: products.map((one, i) => ({ ...one, looks: Math.max(one.looks, fresh[i] ?? 0) })),
      totals: { ...totals, soldUnits: products.reduce((sum, { soldUnits }) => sum + soldUnits, 0) },
    };
  }
}
