import { limits } from '../../../shared/limits.ts';
import { Badge } from '../../design/badge.tsx';
import { Details } from '../../design/details.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { giveawayTexts } from '../../giveaway/giveaway.messages.ts';
import { AddressText } from '../../orders/address-text.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import type { Pages } from '../../state/pages.ts';
import { usePages } from '../../state/use-pages.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import { sectionTexts } from '../section.messages.ts';

type Winner = Output<'giveaway:winners'>['winners'][number];

/** Who won, who claimed, and where to send it. Read when it is opened: addresses are shown to nobody who did not ask. */
export function WinnersList({ giveawayId }: { giveawayId: string }) {
  const t = useMessages(sectionTexts);
  return <Details summary={t.winnersAndAddresses}>{() => <Winners giveawayId={giveawayId} />}</Details>;
}

function Winners({ giveawayId }: { giveawayId: string }) {
  const pages = usePages({ read: (after) => readWinners(giveawayId, after), idOf: ({ place }) => String(place) }, [
    giveawayId,
  ]);
  const { loaded, again } = pages;
  if (loaded.state === 'loading') return <Skeleton height={80} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={again} />;
  return (
    <>
      <ol class="winners">
        {loaded.value.rows.map((winner) => (
          <WinnerRow key={winner.place} winner={winner} />
        ))}
      </ol>
      <MoreButton of={pages} />
    </>
  );
}

/** A draw may have ten thousand winners, and each has an address. */
async function readWinners(giveawayId: string, after: string | null): Promise<Pages<Winner>> {
  const behind = after === null ? {} : { after: Number(after) };
  const { winners } = await ask('giveaway:winners', { giveawayId, ...behind });
  const last = winners.length === limits.pageRowsMax ? winners.at(-1) : undefined;
  return { rows: winners, next: last ? String(last.place) : null };
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
