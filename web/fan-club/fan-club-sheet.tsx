import { AppError } from '../../shared/errors.ts';
import { useQuestion } from '../design/ask.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Notice } from '../design/notice.tsx';
import { Problem } from '../design/problem.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { toast } from '../design/toast.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { FollowButton } from '../follow/follow-button.tsx';
import { navigate } from '../router/router.tsx';
import { ask } from '../session/connection.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { Failure } from '../shell/failure.tsx';
import { useLoaded } from '../state/use-loaded.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Club, OwnMembership } from '../../shared/protocol/fan-club.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { LevelRing } from './level-ring.tsx';
import { membershipChanged } from './own-level.ts';
import { fanClubTexts } from './fan-club.messages.ts';
import './fan-club.css';

export function FanClubSheet({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useMessages(fanClubTexts);
  const { loaded, again } = useLoaded(() => ask('fan-club:get', { clubId: room.hostId }), [room.hostId]);
  const changed = () => {
    void again();
    membershipChanged();
  };
  const isMissing = loaded.state === 'failed' && loaded.error instanceof AppError && loaded.error.code === 'NOT_FOUND';
  return (
    <Sheet title={t.title(room.hostName)} onClose={onClose}>
      {loaded.state === 'loading' && <Skeleton height={160} />}
      {isMissing && (
        <Notice icon="star" title={t.none} text={t.noneText}>
          <FollowButton hostId={room.hostId} />
        </Notice>
      )}
      {loaded.state === 'failed' && !isMissing && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <ClubView {...loaded.value} roomId={room.roomId} onChanged={changed} />}
    </Sheet>
  );
}

type ViewProps = { club: Club; own: OwnMembership; roomId: string; onChanged: () => void };

function ClubView({ club, own, roomId, onChanged }: ViewProps) {
  const t = useMessages(fanClubTexts);
  const question = useQuestion();
  const { clubId } = club;
  const hasGroup = club.groupRoomId !== null && !club.groupClosed;

  const joining = useSubmit(async () => {
    if (!(await needAccount())) return undefined;
    const { outcome, greeting } = await ask('fan-club:join', { clubId, roomId });
    if (outcome === 'joined' && greeting) toast(greeting, 'good');
    onChanged();
    return outcome === 'joined' || outcome === 'asked' ? undefined : t.outcomes[outcome];
  });
  const leaving = useSubmit(async () => {
    await ask('fan-club:leave', { clubId });
    onChanged();
    return undefined;
  });

  return (
    <div class="stack fan-club">
      {own.level !== null && <Standing own={own} level={own.level} />}
      <p class="quiet small numbers">{t.members(club.memberCount)}</p>
      {club.announcement && <p class="user-text fan-club__announcement">{club.announcement}</p>}
      <Problem text={joining.problem ?? leaving.problem} />
      {own.state === 'asked' && <p class="says">{t.asked}</p>}
      {own.state !== 'member' && own.state !== 'asked' && (
        <Button kind="gold" size="big" icon="star" wide busy={joining.busy} onClick={() => void joining.submit()}>
          {t.join}
        </Button>
      )}
      {own.state === 'member' && hasGroup && (
        <Button wide onClick={() => navigate(`/room/${club.groupRoomId}`)}>
          {t.openGroup}
        </Button>
      )}
      <h3>{t.privileges}</h3>
      <ul class="trust">
        {[t.privilegeBadge, t.privilegeOffers, t.privilegeDraws, ...(hasGroup ? [t.privilegeGroup] : [])].map(
          (privilege) => (
            <li key={privilege}>
              <Icon name="check" sizePx={16} /> {privilege}
            </li>
          ),
        )}
      </ul>
      <h3>{t.how}</h3>
      <ul class="row row--wrap">
        {Object.values(t.sources).map((source) => (
          <li key={source} class="badge badge--gold">
            {source}
          </li>
        ))}
      </ul>
      {own.state === 'member' && (
        <Button
          kind="quiet"
          size="small"
          onClick={() =>
            question.ask({
              title: t.leaveTitle,
              explanation: t.leaveText,
              yes: t.leave,
              onYes: () => void leaving.submit(),
            })
          }
        >
          {t.leave}
        </Button>
      )}
      {question.dialog}
    </div>
  );
}

function Standing({ own, level }: { own: OwnMembership; level: number }) {
  const t = useMessages(fanClubTexts);
  const missing = own.nextLevelPoints === null ? null : own.nextLevelPoints - own.points;
  return (
    <div class="row fan-club__standing">
      <LevelRing level={level} points={own.points} nextLevelPoints={own.nextLevelPoints} />
      <div class="grow">
        <p>
          <strong>{t.level(level)}</strong> · <span class="numbers">{t.points(own.points)}</span>
        </p>
        <p class="quiet small">{missing === null ? t.highest : t.toNext(missing)}</p>
        {own.decaysAtMs !== null && <p class="quiet small">{t.decays(dayAndTime(own.decaysAtMs))}</p>}
      </div>
    </div>
  );
}
