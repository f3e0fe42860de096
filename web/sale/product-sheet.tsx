import { useEffect, useState } from 'preact/hooks';
import { Button, IconButton } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Price } from '../design/price.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Tick } from '../design/field.tsx';
import { count, money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { listPriceOf, localized, priceOf } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useStore } from '../state/store.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { AudienceBadge } from './audience-badge.tsx';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { FlashLine, useSaleState } from './flash-line.tsx';
import { ProductPicture } from './product-picture.tsx';
import { useBuying } from './use-buying.ts';
import { saleTexts } from './sale.messages.ts';

type Props = {
  offerId: string;
  onChoose: (offerId: string) => void;
  onHeld: (order: HeldOrder) => void;
  onClose: () => void;
};

/** One product: its variants on sale here, how many, and the one button. */
export function ProductSheet({ offerId, onChoose, onHeld, onClose }: Props) {
  const t = useMessages(saleTexts);
  const lang = useStore(language);
  const { ask, roomId, offers: known } = useRoom();
  const offers = useStore(known);
  const offer = offers.find((one) => one.offerId === offerId);
  const [units, setUnits] = useState(1);
  const [hideName, setHideName] = useState(false);
  useEffect(() => void ask('offer:look', { roomId, offerId }).catch(() => undefined), [offerId]);
  if (!offer) return null;
  const title = localized(offer.title, lang);
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
            <Price price={priceOf(offer)} listPrice={listPriceOf(offer)} />
            <p class="quiet small numbers">
              {t.left(count(offer.unitsLeft))}
              {offer.lowestPriceMinor !== null &&
                ` · ${t.lowest(money({ minor: offer.lowestPriceMinor, currency: offer.currency }))}`}
            </p>
            <p class="row row--wrap">
              <AudienceBadge offer={offer} />
            </p>
          </div>
        </div>
        <Variants offer={offer} offers={offers} onChoose={onChoose} />
        <div class="row row--apart">
          <span>
            {t.units} {offer.limitUnits < 100 && <span class="quiet small">{t.limit(offer.limitUnits)}</span>}
          </span>
          <span class="row numbers">
            <IconButton
              kind="plain"
              icon="minus"
              label={t.lessUnits}
              disabled={units <= 1}
              onClick={() => setUnits(units - 1)}
            />
            <output class="product__units">{units}</output>
            <IconButton
              kind="plain"
              icon="plus"
              label={t.moreUnits}
              disabled={units >= offer.limitUnits}
              onClick={() => setUnits(units + 1)}
            />
          </span>
        </div>
        <ul class="trust quiet small">
          <li>
            <Icon name="shield" sizePx={16} /> {t.secured}
          </li>
          <li>
            <Icon name="check" sizePx={16} /> {t.trust}
          </li>
        </ul>
        <Tick label={t.hideName} checked={hideName} onTick={setHideName} />
      </div>
    </Sheet>
  );
}

/** Variants of a product are offers of their own; those of the same product stand together here. */
function Variants({ offer, offers, onChoose }: { offer: Offer; offers: readonly Offer[] } & Pick<Props, 'onChoose'>) {
  const t = useMessages(saleTexts);
  const family = offers.filter(
    (one) =>
      one.kind === offer.kind &&
      one.merchantId === offer.merchantId &&
      one.title.en === offer.title.en &&
      one.title.zh === offer.title.zh &&
      one.state !== 'ended' &&
      one.state !== 'draft',
  );
  if (offer.optionValues.length === 0) return null;
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

type FootProps = { offer: Offer; units: number; hideName: boolean; onHeld: (order: HeldOrder) => void };

function BuyFoot({ offer, units, hideName, onHeld }: FootProps) {
  const t = useMessages(saleTexts);
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  const buying = useBuying(offer, onHeld);
  const total = money({ minor: offer.priceMinor * units, currency: offer.currency });
  const press = async () => {
    if (await needAccount()) void buying.buy(units, hideName);
  };
  const joinList = async () => {
    if (await needAccount()) await buying.wait(units);
  };
  const canWait = state === 'sold-out' && buying.place === null;
  return (
    <div class="stack">
      {state === 'open' && <FansFirstLine first={first} />}
      {buying.says && (
        <p class={buying.isGood ? 'says' : 'says says--bad'} role="alert">
          {buying.says}
        </p>
      )}
      {canWait && (
        <Button size="big" wide onClick={() => void joinList()}>
          {t.wait}
        </Button>
      )}
      {state === 'sold-out' && buying.place !== null && (
        <Button size="big" wide onClick={() => void buying.leave()}>
          {t.leaveList}
        </Button>
      )}
      {state !== 'sold-out' && (
        <Button
          kind="primary"
          size="big"
          wide
          busy={buying.busy}
          disabled={state !== 'open' || first?.mustWait}
          onClick={() => void press()}
        >
          {state === 'ended' ? t.ended : `${t.buyNow} · ${total}`}
        </Button>
      )}
    </div>
  );
}
