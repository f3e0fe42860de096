import { useEffect, useState } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { sayError } from '../session/say-error.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { lookAtPlace } from './look-at-place.ts';
import { leavePlace, takePlace } from './places.ts';
import { refusalText } from './refusal-text.ts';
import { saleTexts } from './sale.messages.ts';

/** Nobody is told that the line moved: who looks at it asks this often. */
const lookEveryMs = 10_000;

/** The waiting list of one sold-out offer. The place is the server's word; it is asked for by whoever looks. */
export function useWaiting(offer: Offer, isSoldOut: boolean) {
  const t = useMessages(saleTexts);
  const room = useRoom();
  const { ask, roomId, places } = room;
  const { offerId } = offer;
  const known = useStore(places);
  const place = known.get(offerId);
  const isIn = place !== undefined;
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<string>();

  useEffect(() => {
    if (!isSoldOut) return;
    const look = () => void lookAtPlace(room, offerId).catch(() => undefined); // The place known before stays: it is asked for again.
    look();
    const timer = setInterval(look, lookEveryMs);
    return () => clearInterval(timer);
  }, [offerId, isSoldOut]);

  async function join(units: number): Promise<string | undefined> {
    const knownAtMs = serverNowMs();
    const { outcome, position } = await ask('offer:wait', { roomId, offerId, units });
    if (outcome === 'not_for_you') return refusalText({ outcome, offerId }, offer, t);
    if (outcome !== 'waiting') return refusals[outcome];
    takePlace(places, offerId, { position, knownAtMs });
    return undefined;
  }
  const refusals = { available: t.list_available, full: t.list_full, not_open: t.not_open, limit: t.outcome_limit };

  async function leave(): Promise<string> {
    await ask('offer:leave', { roomId, offerId });
    leavePlace(places, offerId);
    return t.leftList;
  }

  async function run(work: () => Promise<string | undefined>): Promise<void> {
    setBusy(true);
    setAnswer(await work().catch(sayError));
    setBusy(false);
  }

  return {
    wait: (units: number): Promise<void> => run(() => join(units)),
    leave: (): Promise<void> => run(leave),
    busy,
    says: answer ?? (place && (place.position === null ? t.waitingSomewhere : t.waiting(place.position))),
    isIn,
  };
}
