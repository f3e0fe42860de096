import { useState } from 'preact/hooks';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { Sheet } from '../design/sheet.tsx';
import { toast } from '../design/toast.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { useSubmit } from '../state/use-submit.ts';
import { useRoom } from './room-context.ts';

const reasonLengthMax = 200;

/** Tells host and staff of a line. Not of one's own: that can be deleted by who wrote it. */
export function ReportButton({ message }: { message: ChatMessage }) {
  const t = useMessages(texts);
  const { myId } = useRoom();
  const [isOpen, setOpen] = useState(false);
  if (message.senderId === myId) return null;
  return (
    <>
      <Button size="small" kind="quiet" icon="flag" aria-label={t.report} onClick={() => setOpen(true)}>
        {t.short}
      </Button>
      {isOpen && <ReportSheet message={message} onClose={() => setOpen(false)} />}
    </>
  );
}

function ReportSheet({ message, onClose }: { message: ChatMessage; onClose: () => void }) {
  const t = useMessages(texts);
  const { ask, roomId } = useRoom();
  const [reason, setReason] = useState('');
  const { problem, busy, submit } = useSubmit(async () => {
    const why = reason.trim() ? { reason: reason.trim() } : {};
    const wish = { roomId, messageId: message.messageId, ...why };
    const { outcome } = await ask('chat:report', wish);
    if (outcome === 'too_many') return t.tooMany;
    toast(t.reported, 'good');
    onClose();
    return undefined;
  });
  const pressEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void submit();
  };
  return (
    <Sheet shape="dialog" title={t.report} onClose={onClose}>
      {/* It stands in the form of the chat, which Enter would send. */}
      <div class="stack" onKeyDown={pressEnter}>
        <p class="user-text">
          <strong>{message.senderName}</strong> {message.text}
        </p>
        <p class="quiet small">{t.text}</p>
        <TextField label={t.reason} maxLength={reasonLengthMax} value={reason} onText={setReason} />
        <Problem text={problem} />
        <Button kind="primary" size="big" wide busy={busy} onClick={() => void submit()}>
          {t.report}
        </Button>
      </div>
    </Sheet>
  );
}

const texts = messages(
  {
    report: 'Report this line',
    short: 'Report',
    text: 'The host and their staff decide about it. They see who wrote it, not who reported it.',
    reason: 'What is wrong with it, if you like',
    reported: 'Reported. Thank you.',
    tooMany: 'Too many reports wait for the staff. Try again later.',
  },
  {
    report: '举报这条消息',
    short: '举报',
    text: '由主播和工作人员处理，他们能看到是谁发的，看不到是谁举报的。',
    reason: '举报原因（选填）',
    reported: '已举报，谢谢。',
    tooMany: '等待处理的举报太多了，请稍后再试。',
  },
);
