import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { saleTexts } from './sale.messages.ts';

export type SaleState = 'announced' | 'open' | 'sold-out' | 'ended';

/** What the offer is at this moment of the server's clock: it opens and ends on time even when the news of it is late. */
export function useSaleState(offer: Offer): SaleState {
  const untilOpenMs = useTimeLeft(offer.opensAtMs ?? 0);
  const untilCloseMs = useTimeLeft(offer.closesAtMs ?? 0);
  if (offer.state === 'ended' || offer.state === 'draft') return 'ended';
  if (offer.opensAtMs !== null && untilOpenMs > 0) return 'announced';
  if (offer.closesAtMs !== null && untilCloseMs === 0) return 'ended';
  return offer.unitsLeft === 0 ? 'sold-out' : 'open';
}

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
          {t.opensIn} <Countdown untilMs={offer.opensAtMs} />
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
