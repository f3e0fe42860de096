import { describe, expect, test } from 'vitest';
import { countriesPattern, newRate, rateOf, writtenRate } from './written-rates.ts';

const standard = {
  rateId: '0198a8f0-0000-7000-8000-000000000001',
  name: { en: 'Standard', zh: '标准配送' },
  feeMinor: 390,
  freeFromMinor: 5_000,
  countries: ['ES', 'PT'],
};

describe('shipping rates as merchants write them', () => {
  test.each(['en', 'zh-CN'] as const)('what nobody touched is saved as it was, seen in %s', (lang) => {
    const { rateId: _, ...same } = standard;
    expect(rateOf(writtenRate(standard, 'EUR', lang), 'EUR', lang)).toEqual(same);
  });

  test('a name is changed in the language it is seen in; a rate with one name keeps one', () => {
    const seen = { ...writtenRate(standard, 'EUR', 'zh-CN'), name: '普通快递' };
    expect(rateOf(seen, 'EUR', 'zh-CN').name).toEqual({ en: 'Standard', zh: '普通快递' });
    expect(rateOf({ ...newRate, name: 'Express' }, 'EUR', 'en').name).toEqual({ en: 'Express', zh: 'Express' });
  });

  test('a row that is left as it comes costs nothing and goes everywhere', () => {
    expect(rateOf({ ...newRate, name: 'Free' }, 'EUR', 'en')).toMatchObject({
      feeMinor: 0,
      freeFromMinor: null,
      countries: [],
    });
  });

  test.each(['', 'de', 'DE, fr', 'ES、PT', ' at; ch '])('%j is a list of countries', (typed) => {
    expect(typed).toMatch(asFieldsDo);
  });

  test.each(['Germany', '德国', 'DEFR', 'D'])(
    '%j is none: it would be saved as other places, or as everywhere',
    (typed) => {
      expect(typed).not.toMatch(asFieldsDo);
    },
  );
});

/** A browser holds the whole of what is typed against a pattern. */
const asFieldsDo = new RegExp(`^(?:${countriesPattern})$`, 'v');
