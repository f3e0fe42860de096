import { useState } from 'preact/hooks';
import { Cover } from '../../design/avatar.tsx';
import { Button, IconButton } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { money } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { NothingFound } from '../../shell/nothing-found.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useSearch } from '../../state/use-search.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useStore } from '../../state/store.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Product, Shop, Sku } from '../../../shared/protocol/catalog.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { openOffer } from '../open-offer.ts';
import { NewProduct } from '../products/new-product.tsx';
import { sectionTexts } from '../section.messages.ts';
import { ShopForm } from '../settings/shop-form.tsx';
import { readMyShop } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';
import { AddWithTerms } from './add-with-terms.tsx';
import { offerTermsTexts } from './offer-terms.messages.ts';

/**
 * Puts products of the own shop into the bag: one press each at the price of the shop, or with terms of their own. Whoever has none
 * makes one here, without leaving the show.
 */
export function AddProducts({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useMessages(studioTexts);
  const { loaded, again, set } = useLoaded(readMyShop, []);
  return (
    <Sheet shape="dialog" title={t.addProducts} onClose={onClose}>
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' &&
        (loaded.value ? <Products shop={loaded.value} roomId={room.roomId} /> : <ShopForm shop={null} onSaved={set} />)}
    </Sheet>
  );
}

function Products({ shop, roomId }: { shop: Shop; roomId: string }) {
  const t = useMessages(sectionTexts);
  const { ask } = useRoom();
  const { shopId } = shop;
  const { query, field } = useSearch();
  const [isNew, setNew] = useState(false);
  const { loaded, again } = useLoaded(
    async () => (await ask('shop:products', { shopId, limit: 100, ...(query ? { search: query } : {}) })).products,
    [query],
  );
  const isEmpty = loaded.state === 'ready' && loaded.value.length === 0;
  const addButton = (
    <Button kind={isEmpty ? 'primary' : 'plain'} icon="plus" onClick={() => setNew(true)}>
      {t.addProduct}
    </Button>
  );
  return (
    <div class="stack">
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {isEmpty && !query ? (
        <Notice icon="bag" title={t.noProducts} text={t.noProductsHere}>
          {addButton}
        </Notice>
      ) : (
        <div class="row row--wrap toolbar">
          <SearchField label={t.searchOwnProducts} {...field} />
          {addButton}
        </div>
      )}
      {isEmpty && query && <NothingFound query={query} />}
      {loaded.state === 'ready' && (
        <ul class="stack">
          {loaded.value.map((product) => (
            <Choices key={product.productId} product={product} roomId={roomId} />
          ))}
        </ul>
      )}
      {isNew && <NewProduct shop={shop} onClose={() => setNew(false)} onAdded={() => void again()} />}
    </div>
  );
}

function Choices({ product, roomId }: { product: Product; roomId: string }) {
  const title = localized(product.title, useStore(language));
  return (
    <li class="card add-product">
      <span class="add-product__picture">
        <Cover url={product.images[0]?.url} id={product.productId} />
      </span>
      <div class="grow">
        <p class="user-text">
          <strong>{title}</strong>
        </p>
        <ul>
          {product.skus.map((sku) => (
            <SkuRow key={sku.skuId} sku={sku} title={title} currency={product.currency} roomId={roomId} />
          ))}
        </ul>
      </div>
    </li>
  );
}

type SkuProps = { sku: Sku; title: string; currency: string; roomId: string };

function SkuRow({ sku, title, currency, roomId }: SkuProps) {
  const t = useMessages(studioTexts);
  const words = useMessages(offerTermsTexts);
  const [hasTerms, setTerms] = useState(false);
  const { ask, offers } = useRoom();
  const [busy, setBusy] = useState(false);
  const { keyOf, done } = useRequestKey();
  const isIn = useStore(offers).some(
    ({ skuId, kind, state }) => skuId === sku.skuId && kind === 'cart' && state !== 'ended',
  );
  const name = [title, ...sku.optionValues].join(' · ');
  const free = sku.freeUnits ?? 0;
  const allotmentUnits = Math.max(1, Math.floor(free * offerLimits.cartShare));

  const add = async () => {
    setBusy(true);
    try {
      const { priceMinor, skuId } = sku;
      const listPriceMinor = sku.compareAtMinor ?? priceMinor;
      const terms = { roomId, skuId, kind: 'cart' as const, priceMinor, listPriceMinor, allotmentUnits };
      const answer = await openOffer(ask, { ...terms, requestKey: keyOf(terms) });
      done(terms);
      if (answer.outcome === 'short') return toast(t.short(answer.freeUnits), 'bad');
      offers.update((all) => changed(all, answer.offer));
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li class="row add-product__sku">
      <span class="grow user-text small">
        {sku.optionValues.join(' · ') || sku.code}
        <span class="quiet numbers add-product__free">
          {' '}
          {isIn || free === 0 ? t.freeUnits(free) : t.unitsToSell(allotmentUnits, free)}
        </span>
      </span>
      <span class="numbers">{money({ minor: sku.priceMinor, currency })}</span>
      {!isIn && free > 0 && <IconButton icon="settings" label={words.withTerms(name)} onClick={() => setTerms(true)} />}
      <Button size="small" busy={busy} disabled={isIn || free === 0} onClick={() => void add()}>
        {isIn ? t.added : t.add}
      </Button>
      {hasTerms && (
        <AddWithTerms
          sku={sku}
          title={name}
          currency={currency}
          allotmentUnits={allotmentUnits}
          onClose={() => setTerms(false)}
        />
      )}
    </li>
  );
}
