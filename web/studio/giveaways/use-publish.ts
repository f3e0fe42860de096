import { fromMajor } from '../../i18n/amounts.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { ask } from '../../session/connection.ts';
import { mayBeDone } from '../../session/may-be-done.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Prize } from '../../../shared/raffle/rules.ts';
import { openOffer } from '../open-offer.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';
import {
  dropPriceOf,
  goodsOf,
  offerForWinners,
  tasksOf,
  type GiveawayForm,
  type GiveawayKind,
} from './giveaway-form.ts';

type Wish = {
  roomId: string;
  kind: GiveawayKind;
  form: GiveawayForm;
  /** Of a lucky bag's prize. */
  currency: string;
  /** Of a drop. */
  product: Offer | undefined;
  onPublished: () => void;
};

/** Publishes what the form says: once, however often it is pressed until there is an answer. */
export function usePublish({ roomId, kind, form, currency, product, onPublished }: Wish) {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const request = useRequestKey();
  const unitsRequest = useRequestKey();

  async function publish(prize: Prize & { what: string }): Promise<void> {
    const wish = { kind, form, prize };
    const { key, atMs } = request.wishOf(wish);
    try {
      await ask('giveaway:publish', {
        roomId,
        kind,
        title: prize.what,
        prize,
        prizeCount: Number(form.count),
        tasks: tasksOf(form),
        closesAtMs: Math.round(atMs + Number(form.minutes) * 60_000),
        beacon: form.beacon ? 'quicknet' : null,
        requestKey: key,
      });
    } catch (error) {
      // What was refused was not published: the next try closes that much later.
      if (!mayBeDone(error)) request.done(wish);
      throw error;
    }
    onPublished();
  }

  /** Units of their own for the winners, at the price they pay: an offer that nobody else can buy. */
  async function publishDrop(of: Offer): Promise<string | undefined> {
    const terms = offerForWinners(of, fromMajor(dropPriceOf(form, of), of.currency), Number(form.count));
    const answer = await openOffer(ask, { ...terms, requestKey: unitsRequest.keyOf(terms) });
    if (answer.outcome === 'short') {
      unitsRequest.done(terms);
      return studio.short(answer.freeUnits);
    }
    const { offerId, priceMinor, currency: itsCurrency } = answer.offer;
    const right = { offerId, priceMinor, currency: itsCurrency };
    const minutes = Number(form.rightMinutes);
    await publish({ prize: 'right-to-buy', what: localized(of.title, language.get()), units: 1, minutes, ...right });
    return undefined;
  }

  return useSubmit(async () => {
    if (kind === 'raffle-drop') return product ? publishDrop(product) : t.dropNeedsProduct;
    await publish(goodsOf(form, currency));
    return undefined;
  });
}
