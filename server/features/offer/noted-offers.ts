import type { ActionDetail, ActionKind } from '../../../shared/protocol/action.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { OfferRow } from './offer-row.ts';
import type { OfferStore, OfferTermsInput } from './offer-store.ts';
import type { Offers } from './offers.ts';

type Needs = {
  offers: Pick<Offers, 'edit' | 'open' | 'close' | 'pin' | 'unpin'>;
  store: Pick<OfferStore, 'find'>;
  note: NoteAction;
};
type Act = Extract<ActionKind, `offer-${string}`>;

export type NotedOffers = ReturnType<typeof createNotedOffers>;

/** What the people who run a room do to what is on sale, noted when it changed something. Drafts are seen by them alone, and are not noted. */
export function createNotedOffers({ offers, store, note }: Needs) {
  return {
    async edit(byId: string, input: Input<'offer:edit'>): Promise<Offer> {
      const before = await store.find(input.offerId);
      const after = await offers.edit(byId, input);
      const fields = before?.state === 'open' ? changedOf(before, after, input) : [];
      const price = fields.includes('priceMinor') ? priceOf(after) : {};
      if (fields.length > 0) await noteOf(after, byId, 'offer-changed', { fields, ...price });
      return after;
    },
    async open(byId: string, input: Input<'offer:open'>): Promise<Output<'offer:open'>> {
      const opened = await offers.open(byId, input);
      const { offer, outcome } = opened;
      if (outcome === 'opened') await noteOnce(offer, byId, 'offer-opened', priceOf(offer));
      return opened;
    },
    async close(byId: string, input: Input<'offer:close'>): Promise<Offer> {
      const before = await store.find(input.offerId);
      const closed = await offers.close(input);
      if (before?.state === 'open') await noteOnce(closed, byId, 'offer-ended');
      return closed;
    },
    async pin(byId: string, input: Input<'offer:pin'>): Promise<Offer> {
      const before = await store.find(input.offerId);
      const pinned = await offers.pin(input);
      // Sent again after it gave way, it pins nothing.
      if (before?.pinnedAtMs === null && pinned.pinnedAtMs !== null) await noteOf(pinned, byId, 'offer-pinned');
      return pinned;
    },
    async unpin(byId: string, input: Input<'offer:unpin'>): Promise<Offer> {
      const before = await store.find(input.offerId);
      const unpinned = await offers.unpin(input);
      // Of a pin that was set anew since it was seen nothing is taken.
      if (before && before.pinnedAtMs !== null && unpinned.pinnedAtMs === null)
        await noteOf(unpinned, byId, 'offer-unpinned');
      return unpinned;
    },
  };

  function noteOf(offer: Offer, byId: string, kind: Act, detail: ActionDetail = {}, once?: string): Promise<void> {
    const { roomId, title: product } = offer;
    return note({ roomId, byId, kind, detail: { product, ...detail }, ...(once === undefined ? {} : { once }) });
  }

  /** An offer is opened once and ended once, whoever asked for it at the same moment. */
  function noteOnce(offer: Offer, byId: string, kind: Act, detail?: ActionDetail): Promise<void> {
    return noteOf(offer, byId, kind, detail, `${kind} ${offer.offerId}`);
  }
}

const priceOf = ({ priceMinor: minor, currency }: Offer): ActionDetail => ({ price: { minor, currency } });

/** Of what was asked for, what is another than before. */
function changedOf(
  before: OfferRow,
  after: Offer,
  { roomId, offerId, seenEpoch, ...asked }: Input<'offer:edit'>,
): string[] {
  const terms = Object.keys(asked) as (keyof OfferTermsInput)[];
  return terms.filter((term) => JSON.stringify(before[term]) !== JSON.stringify(after[term]));
}
