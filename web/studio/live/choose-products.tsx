import { Cover } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { PlannedWords } from '../../sale/planned-words.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import { NothingFound } from '../../shell/nothing-found.tsx';
import { usePages } from '../../state/use-pages.ts';
import { useSearch } from '../../state/use-search.ts';
import { useStore } from '../../state/store.ts';
import { limits } from '../../../shared/limits.ts';
import type { Product } from '../../../shared/protocol/catalog.ts';
import type { PlannedProduct } from '../../../shared/protocol/room.ts';
import { sectionTexts } from '../section.messages.ts';
import { plannedTexts } from './planned.messages.ts';
import type { Planning } from './use-planning.ts';
import './planned.css';

/** What people can see of the host's shop, to be put on the list one by one; pressed again, it is off it. */
export function ChooseProducts({ hostId, planning }: { hostId: string; planning: Planning }) {
  const t = useMessages(plannedTexts);
  const section = useMessages(sectionTexts);
  const { query, field } = useSearch();
  const pages = usePages(
    {
      read: async (after) => {
        const wish = { shopId: hostId, ...(query ? { search: query } : {}), ...(after ? { after } : {}) };
        const { products, next } = await ask('product:search', wish);
        return { rows: products.map(cardOf), next };
      },
      idOf: ({ productId }: PlannedProduct) => productId,
    },
    [query],
  );
  const { loaded, again } = pages;
  const isFull = planning.productIds.length >= limits.roomProductsMax;
  const rows = loaded.state === 'ready' ? loaded.value.rows : [];
  const isEmpty = loaded.state === 'ready' && rows.length === 0;
  return (
    <Sheet shape="dialog" title={t.choose} onClose={planning.closeChoice}>
      <div class="stack">
        {(query || !isEmpty) && <SearchField label={section.searchProducts} {...field} />}
        {isFull && <p class="quiet small">{t.isFull(limits.roomProductsMax)}</p>}
        {loaded.state === 'loading' && <Skeleton height={240} />}
        {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
        {isEmpty &&
          (query ? <NothingFound query={query} /> : <Notice icon="bag" title={t.noneThere} text={t.noneThereText} />)}
        <ul class="planned__rows">
          {rows.map((product) => (
            <Row key={product.productId} product={product} planning={planning} isFull={isFull} />
          ))}
        </ul>
        <MoreButton of={pages} />
      </div>
    </Sheet>
  );
}

type RowProps = { product: PlannedProduct; planning: Planning; isFull: boolean };

function Row({ product, planning, isFull }: RowProps) {
  const t = useMessages(plannedTexts);
  const title = localized(product.title, useStore(language));
  const isIn = planning.productIds.includes(product.productId);
  return (
    <li class="planned__row">
      <span class="planned__picture">
        <Cover url={product.imageUrl} id={product.productId} />
      </span>
      <PlannedWords product={product} />
      <Button
        size="small"
        kind={isIn ? 'quiet' : 'plain'}
        icon={isIn ? 'check' : 'plus'}
        aria-pressed={isIn}
        aria-label={t.addOf(title)}
        disabled={isFull && !isIn}
        onClick={() => planning.toggle(product)}
      >
        {isIn ? t.added : t.add}
      </Button>
    </li>
  );
}

function cardOf({ productId, title, images, currency, skus }: Product): PlannedProduct {
  const prices = skus.map(({ priceMinor }) => priceMinor);
  const [fromMinor, toMinor] = [Math.min(...prices), Math.max(...prices)];
  return { productId, title, imageUrl: images[0]?.url ?? '', currency, fromMinor, toMinor };
}
