import { useRef, useState } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { AppError, errorCodes } from '../../shared/errors.ts';
import { sayError } from '../session/say-error.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { newKey } from '../state/new-key.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { everybodyAtMs } from './fans-first.tsx';
import { refusalText } from './refusal-text.ts';
import { saleTexts } from './sale.messages.ts';

/** In a rush the server says RETRY; the client asks again with the same key, this often, before the person has to. */
const buyTriesMax = 6;
/** After this long without an answer the person is told why nothing happens, ms. */
const patienceMs = 1_500;

/** Our idea of the server's clock may be early by this much; a press in that time is a press at the opening, ms. */
const clockErrorMaxMs = 4_000;
const earlyPauseMs = 250;

/** By our clock it is open, for all or for fans, by the server's not quite yet. */
const justOpened = (offer: Offer): boolean =>
  [offer.opensAtMs, everybodyAtMs(offer)].some(
    (atMs) => atMs !== null && Math.abs(serverNowMs() - atMs) < clockErrorMaxMs,
  );

/** Buying one offer: the press, the tries, the outcome in words, the waiting list after it. */
export function useBuying(offer: Offer, onHeld: (order: HeldOrder) => void) {
  const t = useMessages(saleTexts);
  const { ask, roomId } = useRoom();
  const [busy, setBusy] = useState(false);
  const [says, setSays] = useState<string>();
  const [place, setPlace] = useState<number | null>(null);
  const requestKey = useRef(newKey());
  const { offerId } = offer;

  async function buy(units: number, hideName: boolean): Promise<void> {
    setBusy(true);
    setSays(undefined);
    const lines = [{ offerId, units, priceMinor: offer.priceMinor }];
    const wish = { roomId, lines, hideName, requestKey: requestKey.current };
    const patience = setTimeout(() => setSays(t.retrying), patienceMs);
    try {
      let answer = await ask('offer:buy', wish, { triesMax: buyTriesMax });
      while (answer.outcome === 'not_open' && justOpened(offer)) {
        await new Promise((resolve) => setTimeout(resolve, earlyPauseMs));
        answer = await ask('offer:buy', { ...wish, requestKey: newKey() }, { triesMax: buyTriesMax });
      }
      requestKey.current = newKey(); // This wish is answered; the next press is another one.
      if (answer.outcome !== 'held') return setSays(refusalText(answer, offer, t));
      setSays(undefined);
      onHeld(answer.order);
    } catch (error) {
      // Without an answer the key stays: pressing again finishes the same order instead of making a second one.
      const isOpen = error instanceof AppError && errorCodes[error.code].retryable;
      if (!isOpen) requestKey.current = newKey();
      setSays(isOpen ? t.unknown : sayError(error));
    } finally {
      clearTimeout(patience);
      setBusy(false);
    }
  }

  async function wait(units: number): Promise<void> {
    try {
      const { outcome, position } = await ask('offer:wait', { roomId, offerId, units });
      if (outcome === 'waiting' && position !== null) {
        setPlace(position);
        return setSays(t.waiting(position));
      }
      if (outcome === 'waiting') return;
      const texts = { available: t.list_available, full: t.list_full, not_open: t.not_open, limit: t.outcome_limit };
      setSays(outcome === 'not_for_you' ? refusalText({ outcome: 'not_for_you', offerId }, offer, t) : texts[outcome]);
    } catch (error) {
      setSays(sayError(error));
    }
  }

  async function leave(): Promise<void> {
    await ask('offer:leave', { roomId, offerId }).catch((error: unknown) => setSays(sayError(error)));
    setPlace(null);
    setSays(undefined);
  }

  return { buy, wait, leave, busy, says, place, isGood: place !== null };
}
