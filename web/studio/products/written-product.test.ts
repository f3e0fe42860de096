import { expect, test } from 'vitest';
import type { Product } from '../../../shared/protocol/catalog.ts';
import { nothingWritten, overNewer, stillWritten, textsOf, withTexts, withVariant } from './written-product.ts';

const seen = {
  currency: 'EUR',
  title: { en: 'Kite', zh: '' },
  description: { en: 'Flies.', zh: '飞' },
  images: [{ url: '/one.png', alt: 'One' }],
  skus: [
    {
      skuId: 's',
      priceMinor: 500,
      compareAtMinor: null,
      code: 'K',
      barcode: '',
      weightGrams: 120,
      imageUrl: '',
      requiresShipping: true,
    },
  ],
} as unknown as Product;
const withSku = (of: Product, part: Partial<Product['skus'][number]>): Product => ({
  ...of,
  skus: [{ ...of.skus[0]!, ...part }],
});

test('what was not touched stays as others have made it: the other language, the pictures, the other fields of a variant', () => {
  const now = withSku({ ...seen, title: { en: 'Kite', zh: '风筝' }, images: [] }, { code: 'NEW' });
  const written = { ...nothingWritten, title: { en: 'Big kite' }, variants: { s: { price: '6' } } };

  expect(overNewer(seen, now, written)).toEqual({
    isContested: false,
    changes: { title: { en: 'Big kite', zh: '风筝' } },
    variantChanges: [{ skuId: 's', wanted: { priceMinor: 600 } }],
  });
});

test.each([
  ['a text', { ...seen, title: { en: 'Red kite', zh: '' } }, true],
  ['the same pictures', { ...seen, images: [{ alt: '', url: '/two.png' }] }, false],
  ['the same wish', { ...seen, title: { en: 'Big kite', zh: '' } }, false],
  ['the pictures', { ...seen, images: [] }, true],
  ['a field of a variant', withSku(seen, { priceMinor: 700 }), true],
  ['a variant that is gone', { ...seen, skus: [] }, true],
  ['nothing', seen, false],
])('both have changed %s', (_what, now, isContested) => {
  const pictures = [{ url: '/two.png', alt: '' }];
  const written = { ...nothingWritten, title: { en: 'Big kite' }, pictures, variants: { s: { price: '6' } } };

  expect(overNewer(seen, now, written).isContested).toBe(isContested);
  // Told of theirs, the writer may say that their own word counts.
  expect(overNewer(now, now, stillWritten(seen, written)).isContested).toBe(false);
});

test('what was taken back was not written', () => {
  const written = {
    ...nothingWritten,
    title: { en: 'Kite' },
    pictures: seen.images,
    variants: { s: { price: '5.00' } },
  };
  const now = { ...seen, title: { en: 'Red kite', zh: '' } };

  expect(overNewer(seen, now, written)).toEqual({ isContested: false, changes: {}, variantChanges: [] });
  expect(textsOf(now, stillWritten(seen, written)).title).toEqual(now.title);
});

test('what comes with the answer to a half of a saving was not seen by that', () => {
  const price = { ...nothingWritten, variants: { s: { price: '6' } } };
  const answer = withSku({ ...seen, title: { en: 'Big kite', zh: '' } }, { priceMinor: 700, code: 'NEW' });

  const half = withTexts(seen, answer);
  expect(half.title.en).toBe('Big kite');
  expect(overNewer(half, answer, price).isContested).toBe(true);
  expect(overNewer(withVariant(half, answer, 's'), answer, nothingWritten).variantChanges).toEqual([]);
});

test('the weight of what is not sent is neither asked nor changed', () => {
  const unticked = { ...nothingWritten, variants: { s: { isSent: false, weight: '-5' } } };

  expect(overNewer(seen, seen, unticked).variantChanges).toEqual([{ skuId: 's', wanted: { requiresShipping: false } }]);
  const weighed = { ...nothingWritten, variants: { s: { weight: '90' } } };
  expect(overNewer(seen, seen, weighed).variantChanges).toEqual([{ skuId: 's', wanted: { weightGrams: 90 } }]);
});
