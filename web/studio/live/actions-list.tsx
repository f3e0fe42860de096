import { Details } from '../../design/details.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import type { Pages } from '../../state/pages.ts';
import { usePages } from '../../state/use-pages.ts';
import type { Action } from '../../../shared/protocol/action.ts';
import { actionTexts } from './actions.messages.ts';

const rows = 30;

/** What host and staff did in this show: who, what, to whom, when and why. */
export function ActionsList() {
  const t = useMessages(actionTexts);
  return (
    <section>
      <Details summary={t.title}>{() => <List />}</Details>
    </section>
  );
}

function List() {
  const t = useMessages(actionTexts);
  const { ask, roomId } = useRoom();
  const read = async (after: string | null): Promise<Pages<Action>> => {
    const { actions } = await ask('room:actions', { roomId, rows, ...(after === null ? {} : { before: after }) });
    return { rows: actions, next: actions.length === rows ? actions.at(-1)!.key : null };
  };
  const pages = usePages({ read, idOf: ({ key }) => key }, [roomId]);
  const { loaded, again } = pages;
  return (
    <div class="stack actions-list">
      {loaded.state === 'loading' && <Skeleton height={80} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
      {loaded.state === 'ready' && loaded.value.rows.length === 0 && <p class="quiet small">{t.none}</p>}
      {loaded.state === 'ready' && (
        <ol class="stack">
          {loaded.value.rows.map((action) => (
            <li key={action.key} class="user-text">
              <p>
                <strong>{action.byName}</strong> {t.did(action)}
              </p>
              <p class="quiet small">{t.more(action)}</p>
            </li>
          ))}
        </ol>
      )}
      <MoreButton of={pages} />
    </div>
  );
}
