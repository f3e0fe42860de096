import { useEffect, useRef } from 'preact/hooks';
import { AppError } from '../../shared/errors.ts';
import type { Poster } from '../../shared/protocol/room.ts';
import { isOver } from '../../shared/room-state.ts';
import { Avatar, Cover } from '../design/avatar.tsx';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Problem } from '../design/problem.tsx';
import { toast } from '../design/toast.tsx';
import { fanClubTexts } from '../fan-club/fan-club.messages.ts';
import { FansMark } from '../fan-club/fans-mark.tsx';
import { FollowButton } from '../follow/follow-button.tsx';
import { count, dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { ask, onNotice } from '../session/connection.ts';
import { callHttp } from '../session/http.ts';
import { sayError } from '../session/say-error.ts';
import { session } from '../session/session.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { Failure } from '../shell/failure.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import { useTitle } from '../shell/page.tsx';
import { online } from '../state/online.ts';
import { useSelected } from '../state/store.ts';
import { useEvery } from '../state/use-every.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useSubmit } from '../state/use-submit.ts';
import { doorTexts } from './fans-door.messages.ts';
import './fans-door.css';

/** How often somebody at the door looks whether they may come in by now, ms; they are told at once, unless the word of it gets lost. */
const lookEveryMs = 20_000;
/** A server that has not heard of a membership yet says no once more: then they knock again after this, ms. */
const knockAgainMs = 1_000;
/** Until then every gateway has heard of an invitation, ms. */
const invitationKnownMs = 1_100;

type DoorProps = { roomId: string; onEnter: () => void };

/** Before the door of a show for fans: what it is, and the way in. Who becomes a member comes in by themselves. */
export function FansDoor({ roomId, onEnter }: DoorProps) {
  const { loaded, again } = useLoaded(() => callHttp<'room:poster'>(`GET /api/rooms/${roomId}/poster`), [roomId]);
  useEvery(lookEveryMs, () => document.visibilityState === 'visible' && void again());
  const poster = loaded.state === 'ready' ? loaded.value : null;
  useTitle(poster?.title ?? '');
  const isOpenToAll = poster?.openTo === 'everyone';
  useEffect(() => {
    if (isOpenToAll) onEnter();
  }, [isOpenToAll]);
  useInvitation(roomId, onEnter);
  if (loaded.state === 'failed')
    return isMissing(loaded.error) ? <GroupDoor /> : <Failure error={loaded.error} onAgain={() => void again()} />;
  return poster && <AtTheDoor poster={poster} onEnter={onEnter} />;
}

/** The host may want somebody on camera who is no member. */
function useInvitation(roomId: string, onEnter: () => void): void {
  useEffect(() => {
    let knocking: ReturnType<typeof setTimeout> | undefined;
    const stop = onNotice<{ roomId: string }>('media:invited', (invited) => {
      if (invited.roomId === roomId) knocking ??= setTimeout(onEnter, invitationKnownMs);
    });
    // Of what was told while the connection was cut nobody tells again: who asks is let in.
    const stopLooking = online.subscribe(() => {
      if (online.get()) void ask('room:get', { roomId }).then(onEnter, () => undefined);
    });
    return () => {
      stop();
      stopLooking();
      clearTimeout(knocking);
    };
  }, [roomId]);
}

const isMissing = (error: unknown): boolean => error instanceof AppError && error.code === 'NOT_FOUND';

/** A group has no poster: who is no member is told no more of it than that. */
function GroupDoor() {
  const t = useMessages(doorTexts);
  const shell = useMessages(shellTexts);
  return (
    <Notice icon="user" title={t.membersOnly} text={t.groupText}>
      <Link to="/" class="button button--primary button--normal">
        {shell.home}
      </Link>
    </Notice>
  );
}

function AtTheDoor({ poster, onEnter }: { poster: Poster; onEnter: () => void }) {
  const t = useMessages(doorTexts);
  const shell = useMessages(shellTexts);
  return (
    <div class="fans-door">
      <span class="fans-door__ground">
        <Cover url={poster.coverUrl} id={poster.roomId} />
      </span>
      <div class="fans-door__card">
        <span class="fans-door__cover">
          <Cover url={poster.coverUrl} id={poster.roomId} />
        </span>
        <p class="row fans-door__marks">
          {poster.state === 'live' && <Badge tone="live">{t.live}</Badge>}
          <FansMark room={poster} />
        </p>
        <h1 class="user-text">{poster.title}</h1>
        <p class="row fans-door__host">
          <Avatar id={poster.hostId} name={poster.hostName} sizePx={28} />
          <span class="user-text one-line">{poster.hostName}</span>
          <FollowButton hostId={poster.hostId} kind="plain" />
        </p>
        <p class="quiet small">{stateText(poster, t)}</p>
        <WayIn poster={poster} onEnter={onEnter} />
        <Link to="/" class="button button--plain button--normal">
          {shell.home}
        </Link>
      </div>
    </div>
  );
}

/** How one stands to the club, and what can be done about it. */
function WayIn({ poster, onEnter }: { poster: Poster; onEnter: () => void }) {
  const t = useMessages(doorTexts);
  const club = useMessages(fanClubTexts);
  const { hostId: clubId, hostName, roomId } = poster;
  const personId = useSelected(session, (current) => current?.person.personId ?? null);
  const { loaded, again } = useLoaded(() => ask('fan-club:get', { clubId }), [clubId, personId]);
  useEvery(lookEveryMs, () => document.visibilityState === 'visible' && void again());
  useEffect(
    () => onNotice<{ clubId: string }>('fan-club:own', (own) => own.clubId === clubId && void again()),
    [clubId],
  );
  const state = loaded.state === 'ready' ? loaded.value.own.state : null;
  const wasOutside = useRef(false);
  useEffect(() => {
    wasOutside.current ||= state !== null && state !== 'member';
    if (state !== 'member') return;
    const timer = setTimeout(onEnter, wasOutside.current ? 0 : knockAgainMs);
    return () => clearTimeout(timer);
  }, [state]);

  const joining = useSubmit(async () => {
    if (!(await needAccount())) return undefined;
    const { outcome, greeting } = await ask('fan-club:join', { clubId, roomId });
    if (outcome === 'joined' && greeting) toast(greeting, 'good');
    void again();
    return outcome === 'joined' || outcome === 'asked' ? undefined : club.outcomes[outcome];
  });
  if (loaded.state === 'loading') return null;
  if (loaded.state === 'failed') return <Problem text={sayError(loaded.error)} />;
  if (state === 'member') return <p role="status">{t.comingIn}</p>;
  if (state === 'asked')
    return (
      <p class="says" role="status">
        {t.asked(hostName)}
      </p>
    );
  return (
    <>
      <p>{isOver(poster) ? t.wasForFans(hostName) : t.isForFans(hostName)}</p>
      <Problem text={joining.problem} />
      <Button kind="primary" size="big" icon="star" wide busy={joining.busy} onClick={() => void joining.submit()}>
        {club.join}
      </Button>
    </>
  );
}

function stateText({ state, scheduledAtMs, viewers }: Poster, t: (typeof doorTexts)['en']): string {
  if (state === 'live') return t.watching(count(viewers));
  if (state === 'paused') return t.paused;
  if (state === 'scheduled') return scheduledAtMs === null ? t.soon : t.starts(dayAndTime(scheduledAtMs));
  return state === 'cancelled' ? t.cancelled : t.ended;
}
