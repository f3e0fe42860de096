import { useEffect } from 'preact/hooks';
import { Problem } from '../design/problem.tsx';
import { useMessages } from '../i18n/messages.ts';
import { navigate } from '../router/router.tsx';
import { ask, onNotice } from '../session/connection.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useRequestKey } from '../state/use-request-key.ts';
import { useSubmit } from '../state/use-submit.ts';
import { Failure } from '../shell/failure.tsx';
import type { Award } from '../../shared/protocol/giveaway.ts';
import { AwardPart } from './award-part.tsx';
import { giveawayTexts } from './giveaway.messages.ts';
import { prizeText } from './prize-text.ts';

/** What one won, for as long as it can be claimed and after it: the show it was won in may be over long before. */
export function OwnWins() {
  const t = useMessages(giveawayTexts);
  const { loaded, again } = useLoaded(async () => (await ask('giveaway:wins', {})).awards, []);
  useEffect(() => onNotice('giveaway:won', () => void again()), []);
  if (loaded.state === 'loading') return null; // Most people have won nothing: no place is kept free for it.
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  if (loaded.value.length === 0) return null;
  return (
    <section class="stack orders" aria-label={t.myWins}>
      <h2>{t.myWins}</h2>
      <ul class="stack">
        {loaded.value.map((award) => (
          <li key={award.giveawayId} class="card stack">
            <p class="user-text">
              <strong>{prizeText(award.prize, t)}</strong>
              <span class="quiet small"> · {award.title}</span>
            </p>
            <OwnWin award={award} onClaimed={() => void again()} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A right to buy is used here: the room may be over, or closed to its winner. */
function OwnWin({ award, onClaimed }: { award: Award; onClaimed: () => void }) {
  const t = useMessages(giveawayTexts);
  const { keyOf } = useRequestKey();
  const { problem, submit } = useSubmit(async () => {
    if (award.prize.prize !== 'right-to-buy') return undefined;
    const { offerId, units, priceMinor } = award.prize;
    const lines = [{ offerId, units, priceMinor }];
    const { roomId } = await ask('giveaway:get', { giveawayId: award.giveawayId });
    const answer = await ask('offer:buy', { roomId, lines, requestKey: keyOf(lines) });
    if (answer.outcome !== 'held') return t.rightRefused;
    navigate(`/orders/${answer.order.orderId}`);
    return undefined;
  });
  return (
    <>
      <AwardPart award={award} onClaimed={onClaimed} onBuy={() => void submit()} />
      <Problem text={problem} />
    </>
  );
}
