import { Button } from '../design/button.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { limits } from '../../shared/limits.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import { useRoom } from '../room/room-context.ts';
import { AwardPart } from './award-part.tsx';
import { entryNo } from './entry-no.ts';
import { useKeptReceipt } from './evidence.ts';
import { giveawayTexts } from './giveaway.messages.ts';
import { saveReceipt } from './save-receipt.ts';

type Own = Output<'giveaway:own'>;
/** `onBuy`: a winner uses a right to buy. */
type Props = { giveaway: Giveaway; own: Own; onClaimed: () => void; onBuy: (offerId: string) => void };

export function ResultPart({ giveaway, own, onClaimed, onBuy }: Props) {
  const t = useMessages(giveawayTexts);
  const { myId } = useRoom();
  const { giveawayId, state, winners, entryCount, cancelReason } = giveaway;
  const kept = useKeptReceipt(myId, giveawayId);
  const receipt = own.receipt ?? kept;
  const isInLine = own.award?.state === 'waiting';
  if (state === 'cancelled') return <p class="says says--bad user-text">{t.cancelled(cancelReason ?? '')}</p>;
  if (state === 'void') return <p class="says says--bad">{t.void}</p>;
  if (state !== 'drawn') return <Skeleton height={60} />;
  return (
    <div class="stack">
      {own.award && !isInLine ? (
        <AwardPart award={own.award} onClaimed={onClaimed} onBuy={onBuy} />
      ) : (
        receipt && <NotWon receipt={receipt} isInLine={isInLine} />
      )}
      <h3>{t.winners}</h3>
      {winners.length === 0 && <p class="quiet">{entryCount === 0 ? t.noWinners : t.nobodyHasIt}</p>}
      <ol class="winners">
        {winners.map(({ place, entryNumber, name }) => (
          <li key={place} class="row">
            <span class="winners__place numbers">{place + 1}</span>
            <span class="grow user-text">{name}</span>
            <span class="quiet small numbers">{t.receipt(entryNo(entryNumber))}</span>
          </li>
        ))}
      </ol>
      {winners.length === limits.shownWinnersMax && <p class="quiet small">{t.moreWinners}</p>}
    </div>
  );
}

/** With the number of one's own entry, to look for among the winners, and the receipt that says so. */
function NotWon({ receipt, isInLine }: { receipt: Receipt; isInLine: boolean }) {
  const t = useMessages(giveawayTexts);
  return (
    <div class="row">
      <p class="grow">
        <strong>{t.notWon}</strong> <span class="numbers">{t.ownEntry(entryNo(receipt.entry.number))}</span>
        {isInLine && <span class="quiet small receipt-text">{t.inLine}</span>}
      </p>
      <Button size="small" onClick={() => saveReceipt(receipt)}>
        {t.saveReceipt}
      </Button>
    </div>
  );
}
