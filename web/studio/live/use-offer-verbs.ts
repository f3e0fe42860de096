import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { changed, ordered, patched, type Offers } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { sayError } from '../../session/say-error.ts';
import { newKey } from '../../state/new-key.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';

export type OfferVerbs = ReturnType<typeof useOfferVerbs>;

/** What a host does with an offer. Shown at once; the answer of the server replaces what was shown, a refusal takes it back. */
export function useOfferVerbs({ startedAtMs }: Room) {
  const t = useMessages(studioTexts);
  const { ask, roomId, offers } = useRoom();

  /** @param shown what the list looks like until the answer is there. */
  function run(shown: (before: Offers) => Offers, work: () => Promise<Offer | readonly Offer[]>): void {
    const before = offers.get();
    offers.set(shown(before));
    work().then(
      (answer) => offers.update((now) => [answer].flat().reduce(changed, now)),
      (error: unknown) => {
        offers.set(before);
        toast(sayError(error), 'bad');
      },
    );
  }

  return {
    togglePin({ offerId, pinnedAtMs }: Offer): void {
      const nowMs = serverNowMs();
      const streamMs = startedAtMs === null ? null : Math.max(0, Math.round(nowMs - startedAtMs));
      if (pinnedAtMs === null)
        run(
          (all) => patched(all, offerId, { pinnedAtMs: nowMs }),
          () => ask('offer:pin', { roomId, offerId, streamMs }),
        );
      else
        run(
          (all) => patched(all, offerId, { pinnedAtMs: null }),
          () => ask('offer:unpin', { roomId, offerId }),
        );
    },
    move({ offerId }: Offer, toIndex: number): void {
      const others = offers.get().filter((one) => one.offerId !== offerId);
      const to = Math.min(Math.max(0, toIndex), others.length);
      const offerIds = others.map((one) => one.offerId).toSpliced(to, 0, offerId);
      run(
        (all) => ordered(all, offerIds),
        async () => (await ask('offer:order', { roomId, offerIds })).offers,
      );
    },
    open(offer: Offer): void {
      run(
        (all) => all,
        async () => {
          const answer = await ask('offer:open', { roomId, offerId: offer.offerId });
          if (answer.outcome === 'short') toast(t.short(answer.freeUnits), 'bad');
          return answer.offer;
        },
      );
    },
    close({ offerId }: Offer): void {
      run(
        (all) => all,
        () => ask('offer:close', { roomId, offerId }),
      );
    },
    repeat({ offerId }: Offer): void {
      run(
        (all) => all,
        () => ask('offer:repeat', { roomId, offerId, requestKey: newKey() }),
      );
    },
  };
}
