import type { Offer } from '../../shared/protocol/offer.ts';
import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { useOwnLevel } from '../fan-club/own-level.ts';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useStore } from '../state/store.ts';
import { saleTexts } from './sale.messages.ts';

/** `isMine`: this person is one of those who buy first. `mustWait`: is not; where we do not know, the server decides. */
export type FansFirst = { levelMin: number; untilMs: number; isMine: boolean; mustWait: boolean };

/** When everybody else may buy, too; null where nobody comes first. */
export function everybodyAtMs({ audience, opensAtMs }: Offer): number | null {
  if (audience.who !== 'all' || !audience.early || opensAtMs === null) return null;
  return opensAtMs + audience.early.seconds * 1_000;
}

/** The time in which fans buy first, while it runs; null before and after, and for offers without one. */
export function useFansFirst(offer: Offer): FansFirst | null {
  const hostId = useStore(useRoom().room)?.hostId ?? null;
  const untilMs = everybodyAtMs(offer) ?? 0;
  const untilOpenMs = useTimeLeft(offer.opensAtMs ?? 0);
  const leftMs = useTimeLeft(untilMs);
  const isAhead = leftMs > 0;
  const level = useOwnLevel(isAhead ? hostId : null);
  if (!isAhead || untilOpenMs > 0 || offer.audience.who !== 'all' || !offer.audience.early) return null;
  const { levelMin } = offer.audience.early;
  const isMine = typeof level === 'number' && level >= levelMin;
  return { levelMin, untilMs, isMine, mustWait: !isMine && level !== 'unknown' };
}

/** Says whose turn it is, and to everybody else when theirs is. */
export function FansFirstLine({ first }: { first: FansFirst | null }) {
  const t = useMessages(saleTexts);
  if (!first) return null;
  return (
    <p class="fans-first small">
      <Icon name="star" sizePx={14} filled />
      <span class="grow">{first.isMine ? t.yourTurn(first.levelMin) : t.fansTurn(first.levelMin)}</span>
      <span>
        {t.everybodyIn} <Countdown untilMs={first.untilMs} />
      </span>
    </p>
  );
}
