import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import type { RemovedReason } from '../../shared/protocol/room.ts';
import { roomTexts } from './room.messages.ts';

/** Whoever was put out of a room is told so, and why. */
export function Removed({ reason }: { reason: RemovedReason }) {
  const t = useMessages(roomTexts);
  const shell = useMessages(shellTexts);
  return (
    <Notice icon="close" title={t.removedTitle} text={t[reason]}>
      <Link to="/" class="button button--primary button--normal">
        {shell.home}
      </Link>
    </Notice>
  );
}
