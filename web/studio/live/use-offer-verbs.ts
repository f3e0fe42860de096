import { useRef } from 'preact/hooks';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { changed, ordered, patched, type Offers } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { newKey } from '../../state/new-key.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { isMeanwhile } from '../on-newest.ts';
import { studioTexts } from '../studio.messages.ts';

export type OfferVerbs = ReturnType<typeof useOfferVerbs>;

/** What a host does with an offer. Shown at once; the answer of the server replaces what was shown, a refusal takes it back. */
export function useOfferVerbs() {
  const t = useMessages(studioTexts);
  const { ask, roomId, offers } = useRoom();
  /** Keys of repeats that were not answered, by offer: pressed once more, they are the same wish. */
  const repeats = useRef(new Map<string, string>());
  /** Moments of pins that are shown before the server has told its own, by offer. */
  const guessedPins = useRef(new Map<string, number>());
  /** Orders leave one after the other: of two on their way the server might take the older one last. */
  const lastMove = useRef<Promise<unknown>>(Promise.resolve());

  type Change = (all: Offers) => Offers;

  /**
   * @param shown what the list looks like until the answer is there.
   * @param takenBack the list without that alone: what others did meanwhile stays.
   */
  function run(work: () => Promise<Offer | readonly Offer[]>, shown: Change = same, takenBack: Change = same): void {
    offers.update(shown);
    work().then(
      (answer) => offers.update((now) => [answer].flat().reduce(changed, now)),
      (error: unknown) => {
        offers.update(takenBack);
        complain(error);
      },
    );
  }

  /** What stood in the way is what is said; that it could not be read besides is not. */
  async function lookAgain(offerId: string): Promise<void> {
    const read = await ask('offer:get', { offerId }).catch(() => null);
    if (read) offers.update((all) => changed(all, read.offer));
  }

  const readOrder = async (): Promise<string[]> => idsOf((await ask('offer:list', { roomId })).offers);

  return {
    togglePin({ offerId, pinnedAtMs }: Offer): void {
      const wantedMs = pinnedAtMs === null ? serverNowMs() : null;
      const isKnown = pinnedAtMs !== null && guessedPins.current.get(offerId) !== pinnedAtMs;
      if (wantedMs !== null) guessedPins.current.set(offerId, wantedMs);
      run(
        () =>
          pinnedAtMs === null
            ? ask('offer:pin', { roomId, offerId, requestKey: newKey() })
            : ask('offer:unpin', { roomId, offerId, ...(isKnown && { seenPinnedAtMs: pinnedAtMs }) }),
        (all) => patched(all, offerId, { pinnedAtMs: wantedMs }),
        (all) =>
          all.map((one) => (one.offerId === offerId && one.pinnedAtMs === wantedMs ? { ...one, pinnedAtMs } : one)),
      );
    },
    move({ offerId }: Offer, toIndex: number): void {
      const before = idsOf(offers.get());
      const others = before.filter((id) => id !== offerId);
      const to = Math.min(Math.max(0, toIndex), others.length);
      const wanted = others.toSpliced(to, 0, offerId);
      // What is over stands behind all the rest, wherever it was moved to.
      const over = new Set(idsOf(offers.get().filter(({ state }) => state === 'ended')));
      const inPlay = (ids: readonly string[]): string[] => ids.filter((id) => !over.has(id));
      const [seenOfferIds, offerIds] = [inPlay(before), inPlay(wanted)];
      if (offerIds.join() === seenOfferIds.join()) return;
      let orderNow = before;
      const send = () =>
        ask('offer:order', { roomId, offerIds, seenOfferIds }).catch(async (error: unknown) => {
          if (isMeanwhile(error)) orderNow = await readOrder().catch(() => before);
          throw error;
        });
      run(
        () => {
          const sent = lastMove.current.then(send);
          lastMove.current = sent.catch(() => undefined);
          return sent.then((answer) => answer.offers);
        },
        (all) => ordered(all, wanted),
        (all) => ordered(all, orderNow),
      );
    },
    open({ offerId, epoch: seenEpoch }: Offer): void {
      run(async () => {
        const answer = await ask('offer:open', { roomId, offerId, seenEpoch }).catch(async (error: unknown) => {
          // Of a draft nobody is told what others make of it: nothing is put on sale at a price that was not seen.
          if (isMeanwhile(error)) await lookAgain(offerId);
          throw error;
        });
        if (answer.outcome === 'short') toast(t.short(answer.freeUnits), 'bad');
        return answer.offer;
      });
    },
    close: ({ offerId }: Offer): void => run(() => ask('offer:close', { roomId, offerId })),
    repeat({ offerId }: Offer): void {
      const requestKey = repeats.current.get(offerId) ?? newKey();
      repeats.current.set(offerId, requestKey);
      run(async () => {
        const repeated = await ask('offer:repeat', { roomId, offerId, requestKey });
        repeats.current.delete(offerId);
        return repeated;
      });
    },
  };
}

const same = (all: Offers): Offers => all;
const idsOf = (all: Offers): string[] => all.map(({ offerId }) => offerId);
