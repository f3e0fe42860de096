import { useEffect, useState } from 'preact/hooks';
import { IconButton } from '../design/button.tsx';
import { MarkedCount } from '../design/marked-count.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { followInbox, inbox } from './inbox.ts';
import { NoticesSheet } from './notices-sheet.tsx';
import { reminderTexts } from './reminder.messages.ts';

/** What one was told of shows, with a mark for what is unread. */
export function NoticesButton({ personId }: { personId: string }) {
  const t = useMessages(reminderTexts);
  const unread = useStore(inbox)?.unread ?? 0;
  const [isOpen, setOpen] = useState(false);
  useEffect(
    () => followInbox(personId, ({ kind, title }) => toast(t.told(t.kinds[kind], title))),
    [personId, t], // The sentence is in the language of the moment.
  );
  return (
    <>
      <span class="marked">
        <IconButton icon="bell" label={unread > 0 ? t.noticesWith(unread) : t.notices} onClick={() => setOpen(true)} />
        <MarkedCount count={unread} />
      </span>
      {isOpen && <NoticesSheet onClose={() => setOpen(false)} />}
    </>
  );
}
