import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { serverNowMs } from '../state/server-clock.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { saleStateAt, type SaleState } from './sale-state.ts';
import { saleTexts } from './sale.messages.ts';

/** What the offer is now; the place that asks is woken when it opens and ends. */
export function useSaleState(offer: Offer): SaleState {
  useTimeLeft(offer.opensAtMs ?? 0);
  useTimeLeft(offer.closesAtMs ?? 0);
  return saleStateAt(offer, serverNowMs());
}

/** Beyond it nobody counts hours. */
const dayMs = 24 * 3_600_000;

export function FlashLine({ offer }: { offer: Offer }) {
  const t = useMessages(saleTexts);
  const state = useSaleState(offer);
  return (
    <p class="flash-line">
      <Icon name="flash" sizePx={16} filled />
      <strong>{t.flash}</strong>
      <span class="grow" />
      {state === 'announced' && offer.opensAtMs !== null && (
        <span>
          {offer.opensAtMs - serverNowMs() > dayMs ? (
            t.opensOn(dayAndTime(offer.opensAtMs))
          ) : (
            <>
              {t.opensIn} <Countdown untilMs={offer.opensAtMs} />
            </>
          )}
        </span>
      )}
      {(state === 'open' || state === 'sold-out') && offer.closesAtMs !== null && (
        <span>
          {t.endsIn} <Countdown untilMs={offer.closesAtMs} />
        </span>
      )}
      {state === 'ended' && <span>{t.ended}</span>}
    </p>
  );
}
