import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountIn, fromMajor, toMajor } from './amounts.ts';

describe('amounts as people type them', () => {
  test.each([
    ['19.90', 'EUR', 1_990],
    ['19,9', 'EUR', 1_990],
    [' 7 ', 'EUR', 700],
    ['7.', 'EUR', 700],
    ['0.07', 'USD', 7],
    ['1990', 'JPY', 1_990],
    ['1.234', 'KWD', 1_234],
    // Some browsers give these currencies other digits than ISO 4217 does.
    ['250', 'RSD', 25_000],
    ['250', 'IQD', 250_000],
  ])('%j %s is %d in the smallest unit', (text, currency, minor) => {
    expect(amountIn(text, currency)).toBe(minor);
  });

  test.each([
    ['1,990', 'JPY'],
    ['1.990', 'EUR'],
    ['1,234.50', 'EUR'],
    ['1 234', 'EUR'],
    ['', 'EUR'],
    [' ', 'EUR'],
    ['1e3', 'EUR'],
    ['-5', 'EUR'],
    ['.5', 'EUR'],
    ['0x10', 'EUR'],
    ['NaN', 'EUR'],
    ['1234567890123', 'EUR'],
  ])('%j is no amount of %s: it could mean two things, or nothing', (text, currency) => {
    expect(amountIn(text, currency)).toBeNull();
    expect(() => fromMajor(text, currency)).toThrow('is not an amount');
  });

  test('what a field shows is understood as what it was, in every currency', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), fc.constantFrom('EUR', 'JPY', 'KWD', 'CNY', 'XPF'), (minor, currency) => {
        expect(fromMajor(toMajor(minor, currency), currency)).toBe(minor);
      }),
    );
  });
});
