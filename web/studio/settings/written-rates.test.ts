import { describe, expect, test } from 'vitest';
import { countriesPattern, inLanguage, newRate, rateOf, writtenRate } from './written-rates.ts';

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
    expect(rateOf(writtenRate(standard, 'EUR', lang), 'EUR')).toEqual(same);
  });

  test('a name is changed in the language it is seen in; a rate with one name keeps one', () => {
    const seen = { ...writtenRate(standard, 'EUR', 'zh-CN'), name: '普通快递' };
    expect(rateOf(seen, 'EUR').name).toEqual({ en: 'Standard', zh: '普通快递' });
    expect(rateOf({ ...newRate('en'), name: 'Express' }, 'EUR').name).toEqual({ en: 'Express', zh: 'Express' });
  });

  test('whoever reads another language halfway loses nothing that was typed, in either', () => {
    const typed = { ...writtenRate(standard, 'EUR', 'en'), name: 'Slow', fee: '4.50' };
    const there = inLanguage(typed, 'zh-CN');
    expect(there).toMatchObject({ name: '标准配送', fee: '4.50' });
    const back = inLanguage({ ...there, name: '慢递' }, 'en');
    expect(back.name).toBe('Slow');
    expect(rateOf(back, 'EUR')).toMatchObject({ name: { en: 'Slow', zh: '慢递' }, feeMinor: 450 });
    expect(inLanguage({ ...newRate('en'), name: 'Express' }, 'zh-CN').name).toBe('Express');
  });

  test('a row that is left as it comes costs nothing and goes everywhere', () => {
    expect(rateOf({ ...newRate('en'), name: 'Free' }, 'EUR')).toMatchObject({
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
