import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { Link, navigate } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { StateBadge } from './rooms-list.tsx';

type Verb = 'room:start' | 'room:pause' | 'room:resume' | 'room:end' | 'room:cancel';

/** What the show is, and the few big switches. With the start a previewed picture is sent, with the end it stops. */
export function ShowHead({ room, onStart, onEnd }: { room: Room; onStart: () => void; onEnd: () => void }) {
  const t = useMessages(studioTexts);
  const question = useQuestion();
  const { roomId, state } = room;
  const run = (verb: Verb) => ask(verb, { roomId }).catch((error: unknown) => toast(sayError(error), 'bad'));
  const start = () => void run('room:start').then(onStart);
  const end = () => {
    onEnd();
    void run('room:end').then(() => navigate(`/studio/numbers/${roomId}`));
  };

  return (
    <header class="show-head">
      <Link to="/studio/live" class="back-link" aria-label={t.yourShows}>
        ←
      </Link>
      <h1 class="user-text one-line">{room.title}</h1>
      <StateBadge room={room} />
      <span class="grow" />
      <a class="button button--quiet button--normal" href={`/room/${roomId}`} target="_blank" rel="noopener">
        {t.asViewer}
      </a>
      {state === 'scheduled' && (
        <>
          <Button
            kind="danger"
            onClick={() =>
              question.ask({
                title: t.cancelTitle,
                explanation: t.cancelText,
                yes: t.cancelShow,
                danger: true,
                onYes: () => void run('room:cancel'),
              })
            }
          >
            {t.cancelShow}
          </Button>
          <Button kind="primary" icon="live" onClick={start}>
            {t.goLive}
          </Button>
        </>
      )}
      {state === 'live' && <Button onClick={() => void run('room:pause')}>{t.pause}</Button>}
      {state === 'paused' && (
        <Button kind="primary" onClick={() => void run('room:resume')}>
          {t.resume}
        </Button>
      )}
      {(state === 'live' || state === 'paused') && (
        <Button
          kind="danger"
          onClick={() =>
            question.ask({ title: t.endTitle, explanation: t.endText, yes: t.endYes, danger: true, onYes: end })
          }
        >
          {t.end}
        </Button>
      )}
      {question.dialog}
    </header>
  );
}
