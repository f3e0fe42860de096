import { useEffect } from 'preact/hooks';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { navigate } from '../router/router.tsx';
import { ask, onNotice } from '../session/connection.ts';
import { sayError } from '../session/say-error.ts';
import { useLoaded } from '../state/use-loaded.ts';
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
            <AwardPart
              award={award}
              onClaimed={() => void again()}
              onBuy={(offerId) => void goToOffer(award, offerId)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A right to buy is used where the product is sold. */
async function goToOffer({ giveawayId }: Award, offerId: string): Promise<void> {
  try {
    navigate(`/room/${(await ask('giveaway:get', { giveawayId })).roomId}?offer=${offerId}`);
  } catch (error) {
    toast(sayError(error), 'bad');
  }
}
