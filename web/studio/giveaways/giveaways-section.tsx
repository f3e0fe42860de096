import { useState } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Countdown } from '../../design/countdown.tsx';
import { Choice } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { count } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { giveawayTexts } from '../../giveaway/giveaway.messages.ts';
import { prizeText } from '../../giveaway/prize-text.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { person } from '../../session/session.ts';
import { Failure } from '../../shell/failure.tsx';
import { useEvery } from '../../state/use-every.ts';
import { useStore } from '../../state/store.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { isGoingOn } from '../../../shared/room-state.ts';
import { isToDraw } from '../../../shared/giveaway-state.ts';
import type { Giveaway } from '../../../shared/protocol/giveaway.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { onAirRoom } from '../live/on-air-room.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';
import { CancelGiveaway } from './cancel-giveaway.tsx';
import { NewGiveaway } from './new-giveaway.tsx';
import { WinnersList } from './winners-list.tsx';

/** Entries come in and draws are made meanwhile: what is not decided yet is looked at this often. */
const lookEveryMs = 3_000;

/** Giveaways of a show: publish, watch, cancel with a reason, check. */
export function GiveawaysSection({ roomId: given }: { roomId: string | null }) {
  const t = useMessages(studioTexts);
  const section = useMessages(sectionTexts);
  const [chosen, setChosen] = useState(given);
  const onAirId = useStore(onAirRoom);
  const { loaded, again } = useLoaded(async () => (await ask('room:mine', { rows: 50 })).rooms, []);
  if (loaded.state === 'loading') return <Skeleton height={240} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const rooms = loaded.value;
  // The show that goes on, also in a pause: what is published can't be taken out of a show.
  const room = rooms.find((one) => one.roomId === (chosen ?? onAirId)) ?? rooms.find(isGoingOn) ?? rooms[0];
  return (
    <section class="stack studio__narrow">
      <h1>{t.sections.giveaways}</h1>
      {room ? (
        <>
          <Choice
            label={section.chooseShow}
            value={room.roomId}
            choices={rooms.map(({ roomId, title, state }) => ({ key: roomId, label: `${title} · ${t.states[state]}` }))}
            onChoose={setChosen}
          />
          <OfShow key={room.roomId} room={room} />
        </>
      ) : (
        <Notice icon="gift" title={section.noShows}>
          <Link to="/studio/live" class="button button--primary button--normal">
            {t.newShow}
          </Link>
        </Notice>
      )}
    </section>
  );
}

function OfShow({ room: { roomId, hostId, rehearsal } }: { room: Room }) {
  const t = useMessages(sectionTexts);
  const isHost = person()?.personId === hostId;
  const [isNew, setNew] = useState(false);
  const { loaded, again } = useLoaded(async () => (await ask('giveaway:list', { roomId })).giveaways, [roomId]);
  const isOn = loaded.state === 'ready' && loaded.value.some(isToDraw);
  useEvery(lookEveryMs, () => void again(), isOn);
  return (
    <>
      {!rehearsal && (
        <div class="row">
          <Button kind="primary" icon="gift" onClick={() => setNew(true)}>
            {t.newGiveaway}
          </Button>
        </div>
      )}
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && (
        <Notice icon="gift" title={t.noGiveaways} text={rehearsal ? t.notInRehearsal : t.noGiveawaysText} />
      )}
      {loaded.state === 'ready' &&
        loaded.value.map((giveaway) => (
          <GiveawayRow
            key={giveaway.giveawayId}
            giveaway={giveaway}
            mayCancel={isHost}
            onChanged={() => void again()}
          />
        ))}
      {isNew && (
        <NewGiveaway roomId={roomId} hostId={hostId} onClose={() => setNew(false)} onPublished={() => void again()} />
      )}
    </>
  );
}

type RowProps = { giveaway: Giveaway; mayCancel: boolean; onChanged: () => void };

function GiveawayRow({ giveaway, mayCancel, onChanged }: RowProps) {
  const t = useMessages(sectionTexts);
  const words = useMessages(giveawayTexts);
  const { giveawayId, rules, state, winners } = giveaway;
  const funnel = useLoaded(() => ask('giveaway:funnel', { giveawayId }), [giveawayId, state]);
  const tone = state === 'published' ? 'accent' : state === 'drawn' ? 'good' : 'quiet';
  return (
    <article class="panel">
      <header class="row">
        <h2 class="grow user-text">{rules.title}</h2>
        <Badge tone={tone}>{t.giveawayStates[state]}</Badge>
      </header>
      <p class="row row--wrap">
        <span class="user-text">{words.prizes(rules.prizeCount, prizeText(rules.prize, words))}</span>
        <span class="quiet numbers">{t.entries(count(giveaway.entryCount))}</span>
        {state === 'published' && (
          <span class="numbers">
            {words.closesIn} <Countdown untilMs={rules.closesAtMs} />
          </span>
        )}
      </p>
      {winners.length > 0 && <WinnersList giveawayId={giveawayId} />}
      {funnel.loaded.state === 'ready' && (
        <p class="quiet small numbers">
          {t.funnel(
            funnel.loaded.value.viewers,
            count(funnel.loaded.value.entrants),
            count(funnel.loaded.value.joined),
            count(funnel.loaded.value.buyers),
          )}
        </p>
      )}
      <div class="row">
        {state === 'drawn' && (
          <Link to={`/verify/${giveawayId}`} class="button button--plain button--small">
            {t.verify}
          </Link>
        )}
        {state === 'published' && mayCancel && <CancelGiveaway giveawayId={giveawayId} onDone={onChanged} />}
      </div>
    </article>
  );
}
