import { AppError } from '../../shared/errors.ts';
import type { Output } from '../../shared/protocol/index.ts';
import { Price } from '../design/price.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { Countdown } from '../design/countdown.tsx';
import { dayAndTime, money, whole } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { listPriceOf, localized, lowestOf, priceBefore, priceOf } from '../room/offers.ts';
import { Link } from '../router/router.tsx';
import { ask } from '../session/connection.ts';
import { callHttp } from '../session/http.ts';
import { person } from '../session/session.ts';
import { Failure } from '../shell/failure.tsx';
import { Page, useTitle } from '../shell/page.tsx';
import { useEvery } from '../state/use-every.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { AudienceBadge } from './audience-badge.tsx';
import { useSaleState } from './flash-line.tsx';
import { ProductAbout } from './product-about.tsx';
import { ProductPicture } from './product-picture.tsx';
import { saleTexts } from './sale.messages.ts';

/** Nobody is in the room here, so nothing tells of what is left: the page asks. */
const lookEveryMs = 5_000;

/** How one offer stands, for anybody who has its address: when it opens, what is left, or that it is over. */
export function OfferPage({ params }: { params: Record<string, string> }) {
  const offerId = params['offerId']!;
  const { loaded, again } = useLoaded(() => look(offerId), [offerId]);
  const isOver = loaded.state === 'ready' && loaded.value.offer.state === 'ended';
  useEvery(lookEveryMs, () => document.visibilityState === 'visible' && void again(), !isOver);
  return (
    <Page title="" narrow>
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <OfferNow offer={loaded.value.offer} />}
    </Page>
  );
}

/** By who one is only where it matters: most look without a session, and need no connection for it. */
function look(offerId: string): Promise<Output<'offer:get'>> {
  return callHttp<'offer:get'>(`GET /api/offers/${offerId}`).catch((error: unknown) => {
    const isForFans = error instanceof AppError && error.extras.reason === 'fans-only';
    if (!isForFans || person()?.kind !== 'account') throw error;
    return ask('offer:get', { offerId });
  });
}

const readProduct = (productId: string) => callHttp<'product:read'>(`GET /api/products/${productId}`);

function OfferNow({ offer }: { offer: Offer }) {
  const t = useMessages(saleTexts);
  const title = localized(offer.title, useStore(language));
  const [lowest, list] = [lowestOf(offer), listPriceOf(offer)];
  useTitle(title);
  return (
    <div class="stack">
      <div class="row product">
        <ProductPicture offer={offer} sizePx={112} />
        <div class="grow stack product__about">
          <h1 class="user-text product__title">{title}</h1>
          {offer.optionValues.length > 0 && <p class="quiet user-text">{offer.optionValues.join(' · ')}</p>}
          <Price price={priceOf(offer)} before={priceBefore(offer)} />
          {lowest && <p class="quiet small numbers">{t.lowest(money(lowest))}</p>}
          {list && <p class="quiet small numbers">{t.listPrice(money(list))}</p>}
          <p class="row row--wrap">
            <AudienceBadge offer={offer} />
          </p>
          <Standing offer={offer} />
          <Link to={`/room/${offer.roomId}?offer=${offer.offerId}`} class="button button--primary">
            {t.toShow}
          </Link>
        </div>
      </div>
      <ProductAbout offer={offer} title={title} read={readProduct} />
    </div>
  );
}

function Standing({ offer }: { offer: Offer }) {
  const t = useMessages(saleTexts);
  const { opensAtMs, closesAtMs, unitsLeft } = offer;
  switch (useSaleState(offer)) {
    case 'announced':
      return (
        <p>
          {t.opensIn} <Countdown untilMs={opensAtMs!} /> <span class="quiet small">{dayAndTime(opensAtMs!)}</span>
        </p>
      );
    case 'open':
      return (
        <p>
          <strong class="numbers">{t.left(whole(unitsLeft))}</strong>{' '}
          {closesAtMs !== null && (
            <span class="quiet small">
              {t.endsIn} <Countdown untilMs={closesAtMs} />
            </span>
          )}
        </p>
      );
    case 'sold-out':
      return <p>{t.soldOut}</p>;
    case 'ended':
      return <p>{t.ended}</p>;
  }
}
