import { Button } from '../design/button.tsx';
import { Countdown } from '../design/countdown.tsx';
import { Sheet } from '../design/sheet.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useStore } from '../state/store.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { openGiveaways } from './open-giveaways.ts';
import { prizeText } from './prize-text.ts';

type Props = { onOpen: (giveawayId: string) => void; onClose: () => void };

/** All giveaways that are open, when there are more than buttons have room. */
export function LuckyBagsSheet({ onOpen, onClose }: Props) {
  const t = useMessages(giveawayTexts);
  const open = openGiveaways(useStore(useRoom().giveaways));
  return (
    <Sheet title={t.luckyBags} onClose={onClose}>
      <ul class="stack">
        {open.map(({ giveawayId, rules }) => (
          <li key={giveawayId} class="lucky-bag__prize">
            <div class="grow">
              <p class="user-text">
                <strong>{rules.title}</strong>
              </p>
              <p class="quiet small user-text">{t.prizes(rules.prizeCount, prizeText(rules.prize, t))}</p>
              <p class="small numbers">
                {t.closesIn} <Countdown untilMs={rules.closesAtMs} />
              </p>
            </div>
            <Button
              size="small"
              kind="gold"
              aria-label={`${t.look}: ${rules.title}`}
              onClick={() => onOpen(giveawayId)}
            >
              {t.look}
            </Button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
