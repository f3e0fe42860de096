import { Countdown } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { useStore } from '../state/store.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import './giveaway.css';

/** A drawn bag stays in reach this long, so that winners find their prize. */
const shownAfterMs = 10 * 60_000;

/** The bags that are open now, or were just drawn, each with its countdown. */
export function GiveawayButton({ onOpen }: { onOpen: (giveawayId: string) => void }) {
  const t = useMessages(giveawayTexts);
  const shown = useStore(useRoom().giveaways).filter(isCurrent).slice(0, 2);
  return (
    <>
      {shown.map(({ giveawayId, rules, state }) => (
        <button
          key={giveawayId}
          type="button"
          class="bag-of-luck"
          title={rules.title}
          onClick={() => onOpen(giveawayId)}
        >
          <Icon name="gift" sizePx={22} />
          <span class="visually-hidden">{`${t.luckyBag}: ${rules.title} `}</span>
          <span class="bag-of-luck__time">
            {state === 'published' ? <Countdown untilMs={rules.closesAtMs} /> : state === 'drawn' ? '✓' : '…'}
          </span>
        </button>
      ))}
    </>
  );
}

const isCurrent = ({ state, rules }: Giveaway): boolean =>
  state === 'published' ||
  state === 'closing' ||
  state === 'frozen' ||
  (state === 'drawn' && serverNowMs() - rules.closesAtMs < shownAfterMs);
