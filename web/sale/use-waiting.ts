import { useState } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { sayError } from '../session/say-error.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { leavePlace } from './places.ts';
import { refusalText } from './refusal-text.ts';
import { saleTexts } from './sale.messages.ts';

/** The waiting list of one sold-out offer. The place belongs to the visit, not to the sheet: that comes and goes. */
export function useWaiting(offer: Offer) {
  const t = useMessages(saleTexts);
  const { ask, roomId, places } = useRoom();
  const { offerId } = offer;
  const known = useStore(places);
  const isIn = known.has(offerId);
  const place = known.get(offerId) ?? null;
  const [busy, setBusy] = useState(false);
  const [says, setSays] = useState(isIn ? (place === null ? t.waitingSomewhere : t.joinedAs(place)) : undefined);

  async function join(units: number): Promise<string> {
    const { outcome, position } = await ask('offer:wait', { roomId, offerId, units });
    if (outcome === 'not_for_you') return refusalText({ outcome, offerId }, offer, units, t);
    if (outcome !== 'waiting') return refusals[outcome];
    places.update((before) => new Map(before).set(offerId, position));
    return position === null ? t.waitingSomewhere : t.waiting(position);
  }
  const refusals = { available: t.list_available, full: t.list_full, not_open: t.not_open, limit: t.outcome_limit };

  async function leave(): Promise<string> {
    await ask('offer:leave', { roomId, offerId });
    leavePlace(places, offerId);
    return t.leftList;
  }

  async function run(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    setSays(await work().catch(sayError));
    setBusy(false);
  }

  return {
    wait: (units: number): Promise<void> => run(() => join(units)),
    leave: (): Promise<void> => run(leave),
    busy,
    says,
    isIn,
  };
}
