/**
 * Shopify says twice whether a product is shown: by its `Status`, and by `Published`, whether it is in the online shop. Both must say
 * so. Here it is one flag, `published`; what hides by its status alone keeps that it is in the shop, among its cells.
 */
type Standing = { published: boolean; csvColumns: Record<string, string> };

const statusColumn = 'Status';
const inShopColumn = 'Published';

const hidden: readonly string[] = ['draft', 'archived', 'unlisted'];

/** Nothing said is as good as active. */
export const isStatus = (text: string): boolean => ['', 'active', ...hidden].includes(text.trim().toLowerCase());

const isHidden = (cells: Record<string, string>): boolean =>
  hidden.includes((cells[statusColumn] ?? '').trim().toLowerCase());

export const isInShop = ({ published, csvColumns }: Standing): boolean =>
  published || csvColumns[inShopColumn] === 'true';

export function standingOf(inShop: boolean, { [inShopColumn]: _outdated, ...cells }: Record<string, string>): Standing {
  const byStatus = isHidden(cells);
  return {
    published: inShop && !byStatus,
    csvColumns: inShop && byStatus ? { ...cells, [inShopColumn]: 'true' } : cells,
  };
}

/** As its merchant decides it here: what they show is no draft any more. */
export function standingByHand(published: boolean, csvColumns: Record<string, string>): Standing {
  const { [statusColumn]: status, ...others } = csvColumns;
  return standingOf(published, published && isHidden(csvColumns) ? others : csvColumns);
}

/** For an export. A file that has the column must say it of every product. */
export const standingCells = (product: Standing): Record<string, string> => ({
  [statusColumn]: 'active',
  ...product.csvColumns,
  [inShopColumn]: String(isInShop(product)),
});
