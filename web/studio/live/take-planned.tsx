import { Button } from '../../design/button.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { changed } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { isOver } from '../../../shared/room-state.ts';
import { useState } from 'preact/hooks';
import { plannedTexts } from './planned.messages.ts';

/** Null where nothing is planned, or one may not sell. */
type Plan = ReturnType<typeof useTakePlanned>;

/** Puts what was planned for the show into its cart, as drafts. What is there already stays as it is. */
export function useTakePlanned(room: Room, runs: boolean) {
  const t = useMessages(plannedTexts);
  const { ask, offers, roomId } = useRoom();
  const { keyOf, done } = useRequestKey();
  const [busy, setBusy] = useState(false);
  const [isDone, setDone] = useState<number | null>(null);
  const planned = room.productIds.length;
  if (!runs || planned === 0 || isOver(room) || isDone === room.version) return null;

  const take = async () => {
    setBusy(true);
    try {
      const wish = { roomId };
      const answer = await ask('offer:take-planned', { ...wish, requestKey: keyOf(wish) });
      done(wish);
      offers.update((all) => answer.offers.reduce(changed, all));
      const [n, left] = [answer.offers.length, answer.left.length];
      if (left === 0) setDone(room.version); // Until the list is another one, there is nothing more to press for.
      if (n === 0) toast(left === 0 ? t.takenAll : t.takenNot, left === 0 ? 'good' : undefined);
      else toast(left === 0 ? t.taken(n) : t.takenSome(n, left), 'good');
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  return { planned, busy, take };
}

/** `isFirst`: nothing is on sale yet, so this is what one most likely wants. */
export function TakePlannedButton({ plan, isFirst = false }: { plan: Plan; isFirst?: boolean }) {
  const t = useMessages(plannedTexts);
  if (!plan) return null;
  return (
    <Button
      size={isFirst ? 'normal' : 'small'}
      kind={isFirst ? 'primary' : 'plain'}
      icon="list"
      busy={plan.busy}
      onClick={() => void plan.take()}
    >
      {t.take(plan.planned)}
    </Button>
  );
}
