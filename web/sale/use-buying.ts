import { useState } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { mayBeDone } from '../session/may-be-done.ts';
import { sayError } from '../session/say-error.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { newKey } from '../state/new-key.ts';
import type { HeldOrder, Offer, PurchaseAnswer } from '../../shared/protocol/offer.ts';
import { everybodyAtMs } from './fans-first.tsx';
import { refusalText } from './refusal-text.ts';
import { saleTexts } from './sale.messages.ts';
import { forgetAnswered, rememberSent, unansweredOf, type PurchaseWish } from './unanswered.ts';

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

/**
 * Buying one offer: the press, the tries, the outcome in words. One press is one key, however often it is asked: a refusal leaves
 * nothing under it, and an order that was held under it is the answer of every later try.
 */
export function useBuying(offer: Offer, onHeld: (order: HeldOrder) => void) {
  const t = useMessages(saleTexts);
  const { ask, roomId, myId } = useRoom();
  const { offerId } = offer;
  const [busy, setBusy] = useState(false);
  const [unanswered, setUnanswered] = useState(() => unansweredOf(myId, offerId));
  const [says, setSays] = useState(unanswered ? t.unknown : undefined);

  /** Finishes what was not answered, if there is something, and else buys so many. */
  async function buy(units: number, hideName: boolean): Promise<void> {
    setBusy(true);
    setSays(undefined);
    const lines = [{ offerId, units, priceMinor: offer.priceMinor }];
    const wish = unanswered ?? { roomId, lines, hideName, requestKey: newKey() };
    rememberSent(myId, wish);
    const patience = setTimeout(() => setSays(t.retrying), patienceMs);
    try {
      const answer = await answerTo(wish);
      settle(wish);
      if (answer.outcome !== 'held') return setSays(refusalText(answer, offer, wish.lines[0]!.units, t));
      setSays(undefined);
      onHeld(answer.order);
    } catch (error) {
      const isOpen = mayBeDone(error);
      if (isOpen) setUnanswered(wish);
      else settle(wish);
      setSays(isOpen ? t.unknown : sayError(error));
    } finally {
      clearTimeout(patience);
      setBusy(false);
    }
  }

  async function answerTo(wish: PurchaseWish): Promise<PurchaseAnswer> {
    for (;;) {
      const answer = await ask('offer:buy', wish, { triesMax: buyTriesMax });
      if (answer.outcome !== 'not_open' || !justOpened(offer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, earlyPauseMs));
    }
  }

  function settle(wish: PurchaseWish): void {
    forgetAnswered(wish);
    setUnanswered(null);
  }

  return { buy, busy, says, /** What the next press sends, where it is not up to the person. */ unanswered };
}
