import type { PlannedProduct } from '../../../shared/protocol/room.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { ShownProduct, ShownProducts } from '../catalog/shown-products.ts';

/** What a list shows may be this old, ms: a thousand people who open a coming show at once cost one read. */
const freshMs = 1_000;
/** Lists remembered; one is as long as a hundred ids. */
const listsMax = 1_000;

/** What hosts plan to show, as people see it before the show. */
export function createPlanned({ shown, nowMs }: { shown: ShownProducts; nowMs: () => number }) {
  const lists = createShortMemory({ read, freshMs, keysMax: listsMax, nowMs });
  return (productIds: readonly string[]): Promise<PlannedProduct[]> =>
    productIds.length === 0 ? Promise.resolve([]) : lists.of(productIds.join());

  async function read(list: string): Promise<PlannedProduct[]> {
    return (await shown(list.split(','))).map(plannedProduct);
  }
}

function plannedProduct({ productId, title, imageUrl, currency, skus }: ShownProduct): PlannedProduct {
  const prices = skus.map(({ priceMinor }) => priceMinor);
  return { productId, title, imageUrl, currency, fromMinor: Math.min(...prices), toMinor: Math.max(...prices) };
}
