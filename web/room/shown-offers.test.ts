import { expect, test } from 'vitest';
import type { Offer } from '../../shared/protocol/offer.ts';
import { flashAheadMs, nextPressingAtMs, shownOffers } from './shown-offers.ts';

const nowMs = 1_000_000_000;
const offer = (offerId: string, part: Partial<Offer>) =>
  ({ offerId, kind: 'cart', state: 'open', unitsLeft: 5, pinnedAtMs: null, opensAtMs: null, ...part }) as Offer;
const namesOf = (offers: readonly Offer[]) => shownOffers(offers, nowMs).map(({ offerId }) => offerId);

const old = offer('old pin', { pinnedAtMs: 1 });
const pin = offer('pin', { pinnedAtMs: 2 });
const flash = (offerId: string, part: Partial<Offer>) =>
  offer(offerId, { kind: 'flash', opensAtMs: nowMs - 1, ...part });

test('a flash sale with units comes before what is pinned, and is there once when it is pinned itself', () => {
  expect(namesOf([old, pin, flash('sale', {})])).toEqual(['sale', 'pin', 'old pin']);
  expect(namesOf([flash('sale', { pinnedAtMs: 3 }), pin])).toEqual(['sale', 'pin']);
});

test('one with nothing left gives way to what the host shows since, and stays where nothing is', () => {
  expect(namesOf([flash('gone', { unitsLeft: 0, pinnedAtMs: 1 }), pin])).toEqual(['pin', 'gone']);
  expect(namesOf([flash('gone', { unitsLeft: 0 })])).toEqual(['gone']);
});

test('of those to come the next one counts, from its countdown on', () => {
  const soon = flash('soon', { state: 'announced', opensAtMs: nowMs + 20_000 });
  const later = flash('later', { state: 'announced', opensAtMs: nowMs + 40_000 });
  const far = flash('far', { state: 'announced', opensAtMs: nowMs + 86_400_000 });

  expect(namesOf([later, soon, pin])).toEqual(['soon', 'pin']);
  expect(namesOf([far, pin])).toEqual(['pin']);
  expect(nextPressingAtMs([far, soon], nowMs)).toBe(nowMs + 86_400_000 - flashAheadMs);
  expect(nextPressingAtMs([soon], nowMs)).toBeNull();
});
