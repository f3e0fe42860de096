import { expect, test } from 'vitest';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { usualFlashSale, withinStock } from './flash-sale-terms.ts';

const wish = usualFlashSale({ priceMinor: 1_000, currency: 'EUR' } as Offer);

test.each([
  ['there is plenty', wish.units, 40, '10'],
  ['there is less', wish.units, 3, '3'],
  ['there is nothing, which the server says', wish.units, 0, '1'],
  ['the host typed a number', '7', 3, '7'],
])('the units of a flash sale when %s', (_when, typed, freeUnits, shown) => {
  expect(withinStock({ ...wish, units: typed }, freeUnits).units).toBe(shown);
});
