import { expect, test } from 'vitest';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { isDearer, usualFlashSale, withinStock } from './flash-sale-terms.ts';

const wish = usualFlashSale({ priceMinor: 1_000, currency: 'EUR' } as Offer);

test.each([
  ['there is plenty', wish.units, 40, '10'],
  ['there is less', wish.units, 3, '3'],
  ['there is nothing, which the server says', wish.units, 0, '1'],
  ['the host typed a number', '7', 3, '7'],
])('the units of a flash sale when %s', (_when, typed, freeUnits, shown) => {
  expect(withinStock({ ...wish, units: typed }, freeUnits).units).toBe(shown);
});

test('a flash sale that costs more than the item in the bag is told from others', () => {
  const item = { priceMinor: 1_000, currency: 'EUR' } as Offer;
  const typed = ['8', '10.00', '10,01', '', 'ten'];
  expect(typed.map((price) => isDearer({ ...wish, price }, item))).toEqual([false, false, true, false, false]);
});
