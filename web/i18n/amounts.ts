/** Amounts as people type them. Only integers of the smallest unit travel. */
const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** 1990 EUR → "19.90" */
export const toMajor = (minor: number, currency: string): string => {
  const digits = digitsOf(currency);
  return (minor / 10 ** digits).toFixed(digits);
};

/** "19.90" or "19,90" → 1990. NaN when it is no amount, which the server refuses with a sentence. */
export const fromMajor = (text: string, currency: string): number =>
  Math.round(Number(text.trim().replace(',', '.')) * 10 ** digitsOf(currency));
