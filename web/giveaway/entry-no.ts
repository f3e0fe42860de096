/** Documents number the entries of a draw from 0; people count from 1. */
export const entryNo = (number: number): string => String(number + 1);
