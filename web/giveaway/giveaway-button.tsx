import { Countdown } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useStore } from '../state/store.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { openGiveaways } from './open-giveaways.ts';
import './giveaway.css';

/** Buttons there is room for beside the others. */
const buttonsMax = 2;

/** `onAll`: shows the list of those that have no button of their own. */
type Props = { onOpen: (giveawayId: string) => void; onAll: () => void };

/**
 * The bags that are open now, each with its countdown; else the one that was drawn last, for as long as one is in the room: whoever
 * won may claim it for days. One whose draw was void since is beside it: whoever entered is told.
 */
export function GiveawayButton({ onOpen, onAll }: Props) {
  const t = useMessages(giveawayTexts);
  const known = useStore(useRoom().giveaways);
  const open = openGiveaways(known);
  const shown = open.length > 0 ? open.slice(0, buttonsMax) : lastDecided(known);
  const more = open.length - buttonsMax;
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
          <span class="visually-hidden">
            {`${rules.kind === 'lucky-bag' ? t.luckyBag : t.raffleDrop}: ${rules.title} `}
          </span>
          <span class="bag-of-luck__time">
            {state === 'published' ? <Countdown untilMs={rules.closesAtMs} /> : marks[state]}
          </span>
        </button>
      ))}
      {more > 0 && (
        <button
          type="button"
          class="bag-of-luck"
          aria-label={t.moreBags(more)}
          title={t.moreBags(more)}
          onClick={onAll}
        >
          <span class="bag-of-luck__more numbers">+{more}</span>
        </button>
      )}
    </>
  );
}

const marks = { closing: '…', frozen: '…', drawn: '✓', void: '–', cancelled: '–' } as const;

function lastDecided(known: readonly Giveaway[]): Giveaway[] {
  const newest = [...known].sort((a, b) => b.rules.closesAtMs - a.rules.closesAtMs);
  const drawn = newest.find(({ state }) => state === 'drawn');
  const voided = newest.find(({ state }) => state === 'void');
  const isNews = voided && voided.rules.closesAtMs >= (drawn?.rules.closesAtMs ?? 0);
  return [...(drawn ? [drawn] : []), ...(isNews ? [voided] : [])];
}
