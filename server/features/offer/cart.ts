export type Cart = { lines: { offerId: string; units: number }[] };
