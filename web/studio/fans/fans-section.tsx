import { useState } from 'preact/hooks';
import { AppError } from '../../../shared/errors.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Club, JoinRule } from '../../../shared/protocol/fan-club.ts';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Choice, TextArea } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { Problem } from '../../design/problem.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { fanClubTexts } from '../../fan-club/fan-club.messages.ts';
import { useMessages } from '../../i18n/messages.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { complain } from '../../session/complain.ts';
import { person } from '../../session/session.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Pages } from '../../state/pages.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { usePages } from '../../state/use-pages.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';

const joinRules = ['open', 'follow', 'bought', 'approval'] as const satisfies readonly JoinRule[];
type Member = Output<'fan-club:members'>['members'][number];

const membersPerPage = 50;

/** The host's fan club: its rule, its members, who asked to join. */
export function FansSection() {
  const t = useMessages(studioTexts);
  const clubId = person()!.personId;
  const { loaded, again, set } = useLoaded(() => readClub(clubId), [clubId]);
  return (
    <section class="stack studio__narrow">
      <h1>{t.sections.fans}</h1>
      {loaded.state === 'loading' && <Skeleton height={240} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <ClubForm clubId={clubId} club={loaded.value} onClub={set} />}
      {loaded.state === 'ready' && loaded.value && (
        <>
          <Requests clubId={clubId} onChanged={() => void again()} />
          <Members key={loaded.value.memberCount} clubId={clubId} />
        </>
      )}
    </section>
  );
}

async function readClub(clubId: string): Promise<Club | null> {
  try {
    return (await ask('fan-club:get', { clubId })).club;
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function ClubForm({ clubId, club, onClub }: { clubId: string; club: Club | null; onClub: (club: Club) => void }) {
  const t = useMessages(sectionTexts);
  const fan = useMessages(fanClubTexts);
  const [joinRule, setJoinRule] = useState<JoinRule>(club?.joinRule ?? 'open');
  const [greeting, setGreeting] = useState(club?.greeting ?? '');
  const [announcement, setAnnouncement] = useState(club?.announcement ?? '');
  const saving = useSubmit(async () => {
    onClub(await ask('fan-club:set', { clubId, joinRule, greeting, announcement }));
    toast(t.saved, 'good');
    return undefined;
  });
  const opening = useSubmit(async () => {
    onClub(await ask('fan-club:open-group', { clubId, title: fan.title(person()?.name ?? '') }));
    return undefined;
  });
  return (
    <form class="panel" onSubmit={saving.onSubmit}>
      <Choice
        label={t.joinRule}
        value={joinRule}
        choices={joinRules.map((key) => ({ key, label: t.joinRules[key] }))}
        onChoose={setJoinRule}
      />
      <TextArea label={t.greeting} rows={2} maxLength={500} value={greeting} onText={setGreeting} />
      <TextArea label={t.announcement} rows={2} maxLength={500} value={announcement} onText={setAnnouncement} />
      <Problem text={saving.problem ?? opening.problem} />
      <div class="row">
        <Button type="submit" kind="primary" busy={saving.busy}>
          {club ? t.save : t.openClub}
        </Button>
        {club && !club.groupRoomId && (
          <Button busy={opening.busy} onClick={() => void opening.submit()}>
            {t.openGroup}
          </Button>
        )}
        {club?.groupClosed && <span class="quiet small">{t.groupClosed}</span>}
        {club?.groupRoomId && (
          <Link to={`/room/${club.groupRoomId}`} class="button button--plain button--normal">
            {t.groupOpen}
          </Link>
        )}
      </div>
    </form>
  );
}

function Requests({ clubId, onChanged }: { clubId: string; onChanged: () => void }) {
  const t = useMessages(sectionTexts);
  const { loaded, again } = useLoaded(async () => (await ask('fan-club:requests', { clubId })).requests, [clubId]);
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const [hasDecided, setDecided] = useState(false);
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  if (loaded.state === 'loading' || (loaded.value.length === 0 && !hasDecided)) return null;
  const decide = (personId: string, accept: boolean) => {
    setDecided(true);
    void ask('fan-club:decide', { clubId, personId, accept })
      .then(() => {
        onChanged();
        return again();
      }, complain)
      .then(focusPlace);
  };
  return (
    <div class="panel">
      <h2 ref={place} tabIndex={-1}>
        {t.requests}
      </h2>
      {loaded.value.length === 0 && <p class="quiet small">{t.noRequests}</p>}
      {loaded.value.map(({ personId, name }) => (
        <p key={personId} class="row">
          <span class="grow user-text">{name}</span>
          <Button size="small" kind="primary" onClick={() => decide(personId, true)}>
            {t.accept}
          </Button>
          <Button size="small" onClick={() => decide(personId, false)}>
            {t.refuse}
          </Button>
        </p>
      ))}
    </div>
  );
}

function Members({ clubId }: { clubId: string }) {
  const t = useMessages(sectionTexts);
  const fan = useMessages(fanClubTexts);
  const pages = usePages({ read: (after) => readMembers(clubId, after), idOf: ({ personId }) => personId }, [clubId]);
  const { loaded, again } = pages;
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={again} />;
  if (loaded.value.rows.length === 0) return <Notice icon="star" title={t.noMembers} />;
  return (
    <div class="panel">
      <h2>{t.members}</h2>
      {loaded.value.rows.map(({ personId, name, level, points }) => (
        <p key={personId} class="row">
          <Badge tone="gold">{t.level(level)}</Badge>
          <span class="grow user-text">{name}</span>
          <span class="quiet numbers">{fan.points(points)}</span>
        </p>
      ))}
      <MoreButton of={pages} />
    </div>
  );
}

/** Members are found behind one of them, not behind a name for a place. */
async function readMembers(clubId: string, after: string | null): Promise<Pages<Member>> {
  const behind = after === null ? {} : { after: JSON.parse(after) as { points: number; personId: string } };
  const { members } = await ask('fan-club:members', { clubId, rows: membersPerPage, ...behind });
  const last = members.length === membersPerPage ? members.at(-1) : undefined;
  return { rows: members, next: last ? JSON.stringify({ points: last.points, personId: last.personId }) : null };
}
