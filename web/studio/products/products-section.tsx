import { useState } from 'preact/hooks';
import { Cover } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { money, whole } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { ask } from '../../session/connection.ts';
import { readFile } from '../../session/files.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import { NothingFound } from '../../shell/nothing-found.tsx';
import { saveFile } from '../../state/save-file.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { usePages } from '../../state/use-pages.ts';
import { useSearch } from '../../state/use-search.ts';
import { useStore } from '../../state/store.ts';
import type { Product, Shop, Sku } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { ShopForm } from '../settings/shop-form.tsx';
import { readMyShop } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';
import { EditProduct } from './edit-product.tsx';
import { ImportButton } from './import-button.tsx';
import { NewProduct } from './new-product.tsx';
import { StockForm } from './stock-form.tsx';

export function ProductsSection() {
  const t = useMessages(studioTexts);
  const { loaded, again, set } = useLoaded(readMyShop, []);
  return (
    <section class="stack">
      <h1>{t.sections.products}</h1>
      {loaded.state === 'loading' && <Skeleton height={240} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' &&
        (loaded.value ? <Catalog shop={loaded.value} /> : <ShopForm shop={null} onSaved={set} />)}
    </section>
  );
}

function Catalog({ shop }: { shop: Shop }) {
  const t = useMessages(sectionTexts);
  const { shopId } = shop;
  const { query, field } = useSearch();
  const [isNew, setNew] = useState(false);
  const [edited, setEdited] = useState<Product | null>(null);
  const [adjusted, setAdjusted] = useState<{ sku: Sku; title: string } | null>(null);
  const pages = usePages(
    {
      read: async (after) => {
        const { products: rows, next } = await ask('shop:products', {
          shopId,
          ...(query ? { search: query } : {}),
          ...(after ? { after } : {}),
        });
        return { rows, next };
      },
      idOf: ({ productId }: Product) => productId,
    },
    [query],
  );
  const { loaded, again } = pages;
  const exportAll = () =>
    void readFile(`/api/shops/${shopId}/products.csv`).then(
      (text) => saveFile('products.csv', text, 'text/csv'),
      complain,
    );
  return (
    <>
      <div class="row row--wrap toolbar">
        <SearchField label={t.searchOwnProducts} {...field} />
        <span class="grow" />
        <Button onClick={exportAll}>{t.exportCsv}</Button>
        <ImportButton shopId={shopId} onDone={again} />
        <Button kind="primary" icon="plus" onClick={() => setNew(true)}>
          {t.addProduct}
        </Button>
      </div>
      {loaded.state === 'loading' && <Skeleton height={240} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
      {loaded.state === 'ready' &&
        loaded.value.rows.length === 0 &&
        (query ? <NothingFound query={query} /> : <Notice icon="bag" title={t.noProducts} text={t.noProductsText} />)}
      {loaded.state === 'ready' && loaded.value.rows.length > 0 && (
        <div class="panel table-scroll">
          <table class="table table--cards products-table">
            <thead>
              <tr>
                <th colSpan={2}>{t.product}</th>
                <th>{t.variant}</th>
                <th class="number">{t.price}</th>
                <th class="number">{t.stock}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {loaded.value.rows.map((product) => (
                <ProductRows
                  key={product.productId}
                  product={product}
                  onAdjust={(sku, title) => setAdjusted({ sku, title })}
                  onEdit={() => setEdited(product)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreButton of={pages} />
      {isNew && <NewProduct shop={shop} onClose={() => setNew(false)} onAdded={again} />}
      {edited && <EditProduct product={edited} onClose={() => setEdited(null)} onChanged={again} />}
      {adjusted && <StockForm {...adjusted} onClose={() => setAdjusted(null)} onDone={again} />}
    </>
  );
}

type RowsProps = { product: Product; onAdjust: (sku: Sku, title: string) => void; onEdit: () => void };

function ProductRows({ product, onAdjust, onEdit }: RowsProps) {
  const t = useMessages(sectionTexts);
  const title = localized(product.title, useStore(language));
  return (
    <>
      {product.skus.map((sku, index) => (
        <tr key={sku.skuId}>
          <td class="table__thumb">
            {index === 0 && (
              <span class="thumb">
                <Cover url={product.images[0]?.url} id={product.productId} />
              </span>
            )}
          </td>
          <td class="user-text table__title">{index === 0 && <strong>{title}</strong>}</td>
          <td class="user-text table__variant">{sku.optionValues.join(' · ') || sku.code}</td>
          <td class="number table__price">{money({ minor: sku.priceMinor, currency: product.currency })}</td>
          <td class="number table__stock" data-label={t.stock}>
            {whole(sku.freeUnits ?? 0)}
          </td>
          <td class="number table__act">
            {index === 0 && (
              <Button size="small" kind="quiet" aria-label={`${t.edit}: ${title}`} onClick={onEdit}>
                {t.edit}
              </Button>
            )}
            <Button
              size="small"
              aria-label={`${t.adjust}: ${[title, ...sku.optionValues].join(' · ')}`}
              onClick={() => onAdjust(sku, title)}
            >
              {t.adjust}
            </Button>
          </td>
        </tr>
      ))}
    </>
  );
}
