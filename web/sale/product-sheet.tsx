import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Price } from '../design/price.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Tick } from '../design/field.tsx';
import { money, whole } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { listPriceOf, localized, lowestOf, priceBefore, priceOf, unitsMaxOf } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { useStore } from '../state/store.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { AudienceBadge } from './audience-badge.tsx';
import { BuyFoot } from './buy-foot.tsx';
import { CopyLink } from './copy-link.tsx';
import { FlashLine } from './flash-line.tsx';
import { useHideName } from './hide-name.ts';
import { ProductAbout } from './product-about.tsx';
import { ProductPicture } from './product-picture.tsx';
import { UnitsChoice } from './units-choice.tsx';
import { saleTexts } from './sale.messages.ts';

type Props = {
  offerId: string;
  onChoose: (offerId: string) => void;
  onHeld: (order: HeldOrder) => void;
  onClose: () => void;
};

/** One product: its variants on sale here, how many, and what can be done. */
export function ProductSheet({ offerId, onChoose, onHeld, onClose }: Props) {
  const t = useMessages(saleTexts);
  const lang = useStore(language);
  const { ask, myId, roomId, offers: known, offersState } = useRoom();
  const offers = useStore(known);
  const reading = useStore(offersState);
  const offer = offers.find((one) => one.offerId === offerId);
  // An old link: a sheet that shows nothing must not stand in the way of another one.
  const isUnknown = !offer && reading.state === 'ready';
  useEffect(() => {
    if (isUnknown) onClose();
  }, [isUnknown]);
  const [wanted, setWanted] = useState(1);
  const { hideName, setHideName } = useHideName(myId);
  useEffect(() => void ask('offer:look', { roomId, offerId }).catch(() => undefined), [offerId]);
  if (!offer) return null;
  const isOver = offer.state === 'ended';
  const title = localized(offer.title, lang);
  // Fewer when others took some meanwhile, or when the chosen variant has fewer.
  const unitsMax = unitsMaxOf(offer);
  const units = Math.min(wanted, unitsMax);
  const [lowest, list] = [lowestOf(offer), listPriceOf(offer)];
  return (
    <Sheet
      title={t.item(offer.itemNumber)}
      onClose={onClose}
      foot={<BuyFoot key={offer.offerId} offer={offer} units={units} hideName={hideName} onHeld={onHeld} />}
    >
      <div class="stack">
        {offer.kind === 'flash' && <FlashLine offer={offer} />}
        <div class="row product">
          <ProductPicture offer={offer} sizePx={112} />
          <div class="grow stack product__about">
            <h3 class="user-text">{title}</h3>
            <Price price={priceOf(offer)} before={priceBefore(offer)} />
            <p class="quiet small numbers">
              {t.left(whole(offer.unitsLeft))}
              {lowest && ` · ${t.lowest(money(lowest))}`}
              {list && ` · ${t.listPrice(money(list))}`}
            </p>
            <p class="row row--wrap">
              <AudienceBadge offer={offer} />
              <CopyLink offer={offer} inWords />
            </p>
          </div>
        </div>
        <Variants offer={offer} offers={offers} onChoose={onChoose} />
        {!isOver && <UnitsChoice offer={offer} units={units} unitsMax={unitsMax} onChoose={setWanted} />}
        <ul class="trust quiet small">
          <li>
            <Icon name="shield" sizePx={16} /> {t.secured}
          </li>
          <li>
            <Icon name="check" sizePx={16} /> {t.trust}
          </li>
        </ul>
        {!isOver && <Tick label={t.hideName} checked={hideName} onTick={setHideName} />}
        <ProductAbout offer={offer} title={title} read={(productId) => ask('product:read', { productId })} />
      </div>
    </Sheet>
  );
}

/** Variants of a product are offers of their own; those of the same product stand together here. */
function Variants({ offer, offers, onChoose }: { offer: Offer; offers: readonly Offer[] } & Pick<Props, 'onChoose'>) {
  const t = useMessages(saleTexts);
  const family = offers.filter(
    (one) =>
      one.kind === offer.kind && one.productId === offer.productId && one.state !== 'ended' && one.state !== 'draft',
  );
  if (offer.optionValues.length === 0) return null;
  if (family.length < 2) return <p class="user-text">{offer.optionValues.join(' · ')}</p>; // Nothing to choose.
  return (
    <fieldset>
      <legend class="field__label">{t.variant}</legend>
      <div class="row row--wrap">
        {family.map((one) => (
          <Button
            key={one.offerId}
            size="small"
            kind={one.offerId === offer.offerId ? 'primary' : 'plain'}
            aria-pressed={one.offerId === offer.offerId}
            onClick={() => onChoose(one.offerId)}
          >
            {one.optionValues.join(' · ')}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}
