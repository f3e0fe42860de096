import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Countdown } from '../design/countdown.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { AddressForm } from '../orders/address-form.tsx';
import { useRoom } from '../room/room-context.ts';
import { sayError } from '../session/say-error.ts';
import { useLoaded } from '../state/use-loaded.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { prizeText } from './prize-text.ts';

type Own = Output<'giveaway:own'>;
type Award = NonNullable<Own['award']>;
/** `onBuy`: a winner uses a right to buy. */
type Props = { giveaway: Giveaway; own: Own; onClaimed: () => void; onBuy: (offerId: string) => void };

export function ResultPart({ giveaway, own, onClaimed, onBuy }: Props) {
  const t = useMessages(giveawayTexts);
  const { state, winners, cancelReason } = giveaway;
  if (state === 'cancelled') return <p class="says says--bad user-text">{t.cancelled(cancelReason ?? '')}</p>;
  if (state === 'void') return <p class="says says--bad">{t.void}</p>;
  if (state !== 'drawn') return <Skeleton height={60} />;
  return (
    <div class="stack">
      {own.award ? (
        <OwnAward award={own.award} onClaimed={onClaimed} onBuy={onBuy} />
      ) : (
        own.receipt && <p class="quiet">{t.notWon}</p>
      )}
      <h3>{t.winners}</h3>
      {winners.length === 0 && <p class="quiet">{t.noWinners}</p>}
      <ol class="winners">
        {winners.map(({ place, entryNumber, name }) => (
          <li key={place} class="row">
            <span class="winners__place numbers">{place + 1}</span>
            <span class="grow user-text">{name}</span>
            <span class="quiet small numbers">{t.receipt(String(entryNumber))}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function OwnAward({ award, onClaimed, onBuy }: { award: Award } & Pick<Props, 'onClaimed' | 'onBuy'>) {
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
        <Claim award={award} onClaimed={onClaimed} />
      )}
    </div>
  );
}

/** Goods need an address; points need one press. */
function Claim({ award, onClaimed }: { award: Award; onClaimed: () => void }) {
  const t = useMessages(giveawayTexts);
  const { ask } = useRoom();
  const [problem, setProblem] = useState<string>();
  const isGoods = award.prize.prize === 'goods';
  const { loaded, again } = useLoaded(async () => (isGoods ? (await ask('address:list', {})).addresses : []), []);
  const addressId = loaded.state === 'ready' ? loaded.value[0]?.addressId : undefined;
  const claim = async () => {
    const { giveawayId } = award;
    try {
      const { outcome } = await ask('giveaway:claim', { giveawayId, ...(addressId ? { addressId } : {}) });
      if (outcome === 'too_late') setProblem(t.claimTooLate);
      if (outcome === 'nothing_to_claim') setProblem(t.nothingToClaim);
      if (outcome === 'join_first') setProblem(t.joinToClaim);
      onClaimed();
    } catch (error) {
      setProblem(sayError(error));
    }
  };
  if (loaded.state === 'loading') return <Skeleton height={48} />;
  if (isGoods && !addressId)
    return (
      <>
        <p>{t.needAddress}</p>
        <AddressForm ask={ask} onSaved={() => void again()} />
      </>
    );
  return (
    <>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Button kind="gold" size="big" icon="gift" wide onClick={() => void claim()}>
        {t.claim}
      </Button>
    </>
  );
}
