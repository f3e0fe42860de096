import { useState } from 'preact/hooks';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { mayBeDone } from '../session/may-be-done.ts';
import { sayError } from '../session/say-error.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { serverNowMs } from '../state/server-clock.ts';
import { newKey } from '../state/new-key.ts';
import type { HeldOrder, Offer, PurchaseAnswer } from '../../shared/protocol/offer.ts';
import { everybodyAtMs } from './fans-first.tsx';
import { refusalText, type Refusal } from './refusal-text.ts';
import { saleTexts } from './sale.messages.ts';
import { forgetAnswered, rememberSent, type PurchaseWish } from './unanswered.ts';

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

/** So many of an offer, at the price that is shown. */
export type Wanted = { offer: Offer; units: number };

export const purchaseLines = (wanted: readonly Wanted[]): PurchaseWish['lines'] =>
  wanted.map(({ offer: { offerId, priceMinor }, units }) => ({ offerId, units, priceMinor }));

/**
 * Buying what is on sale in the room: the press, the tries, the outcome in words. One press is one key, however often it is asked: a
 * refusal leaves nothing under it, and an order that was held under it is the answer of every later try.
 *
 * @param begun what was sent before and not answered, where there is such a purchase: it is finished first
 */
export function useBuying(begun: () => PurchaseWish | null, onHeld: (order: HeldOrder) => void) {
  const t = useMessages(saleTexts);
  const { ask, roomId, myId, offers, cart } = useRoom();
  const [busy, setBusy] = useState(false);
  const [unanswered, setUnanswered] = useState(begun);
  const [says, setSays] = useState(unanswered ? t.unknown : undefined);

  /** Finishes what was not answered, if there is something, and else buys what is wanted; asks for an account first. */
  async function buy(wanted: readonly Wanted[], hideName: boolean): Promise<void> {
    // Whoever turned into somebody else by signing in presses again.
    if (!(await needAccount(myId))) return;
    setBusy(true);
    setSays(undefined);
    const wish = unanswered ?? { roomId, lines: purchaseLines(wanted), hideName, requestKey: newKey() };
    rememberSent(myId, wish);
    const patience = setTimeout(() => setSays(t.retrying), patienceMs);
    try {
      const answer = await answerTo(wish);
      settle(wish);
      if (answer.outcome !== 'held') return setSays(wordsFor(answer, wish));
      setSays(undefined);
      cart.read(); // What was bought has left it.
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
      if (answer.outcome !== 'not_open') return answer;
      const offer = offerOf(answer.offerId);
      if (!offer || !justOpened(offer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, earlyPauseMs));
    }
  }

  /** Of several lines it is said which one stood in the way, and what to do about it. */
  function wordsFor(answer: Refusal, { lines }: PurchaseWish): string {
    if (!('offerId' in answer)) return refusalText(answer, undefined, t);
    const offer = offerOf(answer.offerId);
    const text = refusalText(answer, offer, t);
    if (lines.length === 1 || !offer) return text;
    return t.inTheWay(offer.itemNumber, localized(offer.title, language.get()), text);
  }

  const offerOf = (offerId: string): Offer | undefined => offers.get().find((one) => one.offerId === offerId);

  function settle(wish: PurchaseWish): void {
    forgetAnswered(wish);
    setUnanswered(null);
  }

  return { buy, busy, says, /** What the next press sends, where it is not up to the person. */ unanswered };
}
