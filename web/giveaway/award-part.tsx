import { Button } from '../design/button.tsx';
import { Countdown } from '../design/countdown.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Award } from '../../shared/protocol/giveaway.ts';
import { ClaimPart } from './claim-part.tsx';
import { giveawayTexts } from './giveaway.messages.ts';
import { prizeText } from './prize-text.ts';
import './giveaway.css';

/** `onBuy`: a winner uses a right to buy. */
type Props = { award: Award; onClaimed: () => void; onBuy: (offerId: string) => void };

/** What one won, and what is to be done about it before its time is up. */
export function AwardPart({ award, onClaimed, onBuy }: Props) {
  const t = useMessages(giveawayTexts);
  if (award.state === 'claimed') return <p class="says">{t.claimed}</p>;
  if (award.state === 'forfeited') return <p class="says says--bad">{t.forfeited}</p>;
  if (award.state === 'absent') return <p class="says says--bad">{t.absent}</p>;
  if (award.state === 'waiting') return null;
  const { prize } = award;
  const isRight = prize.prize === 'right-to-buy';
  return (
    <div class="won stack">
      <h3>{t.won}</h3>
      <p class="user-text">{isRight ? t.rightWon(prize.what) : t.wonText(prizeText(prize, t))}</p>
      {award.claimByMs !== null && (
        <p class="numbers">
          {isRight ? t.buyBy : t.claimBy}{' '}
          <strong>
            <Countdown untilMs={award.claimByMs} />
          </strong>
        </p>
      )}
      {isRight ? (
        <Button kind="primary" size="big" icon="bag" wide onClick={() => onBuy(prize.offerId)}>
          {t.buyIt}
        </Button>
      ) : (
        <ClaimPart award={award} onClaimed={onClaimed} />
      )}
    </div>
  );
}
