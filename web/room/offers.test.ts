import { expect, test } from 'vitest';
import type { Offer } from '../../shared/protocol/offer.ts';
import { listPriceOf, lowestOf, priceBefore, rearranged } from './offers.ts';

const priced = (priceMinor: number, listPriceMinor: number, lowestPriceMinor: number | null) =>
  ({ priceMinor, listPriceMinor, lowestPriceMinor, currency: 'EUR' }) as Offer;

test.each([
  ['asked a month ago', priced(600, 1_000, 1_000), 1_000, undefined, 1_000],
  ['never asked', priced(600, 1_500, 1_000), 1_000, 1_500, 1_000],
  ['of an offer that is no cheaper than before', priced(1_000, 1_500, 1_000), 1_000, 1_500, 1_000],
  ['sold for less in between', priced(1_500, 2_000, 500), 500, 2_000, 500],
  ['that is the price', priced(1_000, 1_000, 400), 400, undefined, undefined],
  ['of a draft', priced(600, 1_500, null), 1_500, undefined, undefined],
])('a list price %s', (_what, offer, before, list, lowest) => {
  expect(priceBefore(offer).minor).toBe(before);
  expect(listPriceOf(offer)?.minor).toBe(list);
  expect(lowestOf(offer)?.minor).toBe(lowest);
});

test('an order that a room is told of leaves drafts where they are, and what it does not know aside', () => {
  const cart = ['draft', 'a', 'b', 'later draft', 'c'].map((offerId) => ({ offerId }) as Offer);

  const after = rearranged(cart, ['c', 'unknown', 'a', 'b']).map(({ offerId }) => offerId);

  expect(after).toEqual(['draft', 'c', 'a', 'later draft', 'b']);
});
