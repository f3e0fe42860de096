import { useState } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { giveawayTexts } from '../../giveaway/giveaway.messages.ts';
import { AddressText } from '../../orders/address-text.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { shellTexts } from '../../shell/shell.messages.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import { sectionTexts } from '../section.messages.ts';

type Winner = Output<'giveaway:winners'>['winners'][number];

/** Who won, who claimed, and where to send it. Read when it is opened: addresses are shown to nobody who did not ask. */
export function WinnersList({ giveawayId }: { giveawayId: string }) {
  const t = useMessages(sectionTexts);
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.winnersAndAddresses}</summary>
      {isOpen && <Winners giveawayId={giveawayId} />}
    </details>
  );
}

/** Winners shown at once: a draw may have ten thousand, and each has an address. */
const shownAtOnce = 100;

function Winners({ giveawayId }: { giveawayId: string }) {
  const shell = useMessages(shellTexts);
  const [shown, setShown] = useState(shownAtOnce);
  const { loaded, again } = useLoaded(
    async () => (await ask('giveaway:winners', { giveawayId })).winners,
    [giveawayId],
  );
  if (loaded.state === 'loading') return <Skeleton height={80} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  return (
    <>
      <ol class="winners">
        {loaded.value.slice(0, shown).map((winner) => (
          <WinnerRow key={winner.place} winner={winner} />
        ))}
      </ol>
      {loaded.value.length > shown && <Button onClick={() => setShown(shown + shownAtOnce)}>{shell.more}</Button>}
    </>
  );
}

function WinnerRow({ winner: { place, name, state, claimByMs, address } }: { winner: Winner }) {
  const t = useMessages(giveawayTexts);
  const section = useMessages(sectionTexts);
  return (
    <li class="winner">
      <span class="winners__place numbers">{place + 1}</span>
      <div class="grow">
        <p class="row row--wrap">
          <strong class="user-text">{name}</strong>
          <Badge tone={state === 'claimed' ? 'good' : state === 'offered' ? 'accent' : 'quiet'}>
            {t.awardStates[state]}
          </Badge>
        </p>
        {address && <AddressText address={address} />}
        {state === 'offered' && claimByMs !== null && (
          <p class="quiet small numbers">{section.claimUntil(dayAndTime(claimByMs))}</p>
        )}
      </div>
    </li>
  );
}
