import { expect, test } from 'vitest';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { mayChange, overNewer, termsChanged, writtenTerms } from './edited-terms.ts';

const draft = {
  kind: 'flash',
  state: 'draft',
  currency: 'EUR',
  priceMinor: 800,
  listPriceMinor: 1_000,
  allotmentUnits: 10,
  limitUnits: 1,
  countdownSeconds: 10,
  durationSeconds: 300,
  audience: { who: 'fans', levelMin: 3 },
} as Offer;

test('a form that nobody has touched changes nothing', () => {
  for (const audience of [draft.audience, { who: 'right' } as const]) {
    const offer: Offer = { ...draft, audience };
    expect(termsChanged(offer, writtenTerms(offer))).toEqual({});
  }
});

test('of a draft everything may be changed, and what differs is sent', () => {
  const written = { ...writtenTerms(draft), price: '7.50', listPrice: '9', countdownSeconds: '0', who: 'all' as const };

  expect(termsChanged(draft, { ...written, units: '12', limit: '2', minutes: '1.5' })).toEqual({
    priceMinor: 750,
    listPriceMinor: 900,
    allotmentUnits: 12,
    limitUnits: 2,
    countdownSeconds: 0,
    durationSeconds: 90,
    audience: { who: 'all' },
  });
});

test('of what two change at once nothing is overwritten unseen', () => {
  const theirs: Offer = { ...draft, priceMinor: 900, allotmentUnits: 20 };
  const mine = { ...writtenTerms(draft), price: '7', limit: '2' };

  const { written, contested } = overNewer(draft, theirs, mine);

  expect(contested).toEqual(['price']);
  expect(termsChanged(theirs, written)).toEqual({ priceMinor: 700, limitUnits: 2 });
  expect(overNewer(theirs, theirs, written)).toEqual({ written, contested: [] });
});

test.each([
  ['an open cart item', { kind: 'cart', state: 'open', durationSeconds: null }, ['price']],
  ['an open flash sale', { state: 'open' }, ['duration']],
  ['a draft of a cart item', { kind: 'cart', durationSeconds: null }, ['price', 'audience']],
  ['a draft for winners', { audience: { who: 'right' } }, ['price', 'duration', 'countdown']],
] as const)('of %s some terms stay', (_what, part, names) => {
  const may = mayChange({ ...draft, ...part });

  expect(Object.entries(may).flatMap(([name, is]) => (is ? [name] : []))).toEqual(names);
});
