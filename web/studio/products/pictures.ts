import type { Product } from '../../../shared/protocol/catalog.ts';

export type Pictures = Product['images'];

/** Without the lines that nothing stands in. */
export const filledIn = (pictures: Pictures): Pictures => pictures.filter(({ url }) => url.trim() !== '');
