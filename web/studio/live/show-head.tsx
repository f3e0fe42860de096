import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { Link, navigate } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { complain } from '../../session/complain.ts';
import { isGoingOn, isOver } from '../../../shared/room-state.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { EditShow } from './edit-show.tsx';
import { StateBadge } from './rooms-list.tsx';
import { mayRun, type Role } from './use-role.ts';

type Verb = 'room:start' | 'room:pause' | 'room:resume' | 'room:end' | 'room:cancel';

/** `role`: null until known. */
type Props = { room: Room; role: Role | null; onStart: () => void };

/** What the show is, and the few big switches. With the start a previewed picture is sent. */
export function ShowHead({ room, role, onStart }: Props) {
  const t = useMessages(studioTexts);
  const [isEditing, setEditing] = useState(false);
  const { roomId, state } = room;
  const runs = mayRun(role);
  return (
    <header class="show-head">
      <Link to="/studio/live" class="back-link" aria-label={t.yourShows}>
        ←
      </Link>
      <h1 class="user-text one-line">{room.title}</h1>
      <StateBadge room={room} />
      <span class="grow" />
      {runs && !isOver(room) && (
        <Button kind="quiet" onClick={() => setEditing(true)}>
          {t.editShow}
        </Button>
      )}
      <a class="button button--quiet button--normal" href={`/room/${roomId}`} target="_blank" rel="noopener">
        {t.asViewer}
      </a>
      {state === 'ended' ? (
        <Link to={`/studio/numbers/${roomId}`} class="button button--primary button--normal">
          {t.summary}
        </Link>
      ) : (
        runs && <Switches room={room} isHost={role === 'host'} onStart={onStart} />
      )}
      {isEditing && <EditShow room={room} onClose={() => setEditing(false)} />}
    </header>
  );
}

type SwitchesProps = { room: Room; isHost: boolean; onStart: () => void };

/** Each waits for the server's word: a show that could not be ended goes on, and so does its picture. */
function Switches({ room: { roomId, state }, isHost, onStart }: SwitchesProps) {
  const t = useMessages(studioTexts);
  const question = useQuestion();
  const [busy, setBusy] = useState(false);
  const run = async (verb: Verb, done?: () => void) => {
    setBusy(true);
    try {
      await ask(verb, { roomId });
      done?.();
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };
  const cancel = { title: t.cancelTitle, explanation: t.cancelText, yes: t.cancelShow, danger: true };
  const end = { title: t.endTitle, explanation: t.endText, yes: t.endYes, danger: true };
  const toSummary = () => navigate(`/studio/numbers/${roomId}`, { unasked: true });
  const isOn = isGoingOn({ state });
  return (
    <>
      {isHost && state === 'scheduled' && (
        <>
          <Button
            kind="danger"
            busy={busy}
            onClick={() => question.ask({ ...cancel, onYes: () => void run('room:cancel') })}
          >
            {t.cancelShow}
          </Button>
          <Button kind="primary" icon="live" busy={busy} onClick={() => void run('room:start', onStart)}>
            {t.goLive}
          </Button>
        </>
      )}
      {state === 'live' && (
        <Button busy={busy} onClick={() => void run('room:pause')}>
          {t.pause}
        </Button>
      )}
      {state === 'paused' && (
        <Button kind="primary" busy={busy} onClick={() => void run('room:resume')}>
          {t.resume}
        </Button>
      )}
      {isHost && isOn && (
        <Button
          kind="danger"
          busy={busy}
          onClick={() => question.ask({ ...end, onYes: () => void run('room:end', toSummary) })}
        >
          {t.end}
        </Button>
      )}
      {question.dialog}
    </>
  );
}
