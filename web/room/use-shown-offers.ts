import { useEffect, useState } from 'preact/hooks';
import { serverNowMs, timerMsMax } from '../state/server-clock.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { useRoom } from './room-context.ts';
import { nextPressingAtMs, shownOffers } from './shown-offers.ts';

/** What the host shows now, by the clock of the server. */
export function useShownOffers(): readonly Offer[] {
  const offers = useStore(useRoom().offers);
  const [, lookAgain] = useState(0);
  const nextAtMs = nextPressingAtMs(offers, serverNowMs());
  useEffect(() => {
    if (nextAtMs === null) return;
    const timer = setTimeout(() => lookAgain((looks) => looks + 1), Math.min(nextAtMs - serverNowMs(), timerMsMax));
    return () => clearTimeout(timer);
  }, [nextAtMs]);
  return shownOffers(offers, serverNowMs());
}
