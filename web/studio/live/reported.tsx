import { useEffect } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { counted } from '../../i18n/counted.ts';
import { count } from '../../i18n/format.ts';
import { toast } from '../../design/toast.tsx';
import { messages, useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import type { ReportsLoaded } from './use-reports.ts';

/** Lines that viewers have reported: each stays, or goes. */
export function Reported({ reports: { loaded, again } }: { reports: ReportsLoaded }) {
  const t = useMessages(texts);
  const { ask, roomId } = useRoom();
  useEffect(() => void again(), []); // Another moderator may have decided meanwhile.
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const settle = (messageId: string, remove: boolean) =>
    void decide(messageId, remove)
      .then(() => void again(), complain)
      .then(focusPlace);
  async function decide(messageId: string, remove: boolean): Promise<void> {
    const { decision } = await ask('chat:settle', { roomId, messageId, remove });
    // Another moderator was quicker, and it is as they said.
    if (decision === 'removed' && !remove) toast(t.removedAlready);
    if (decision === 'kept' && remove) toast(t.keptAlready);
    // Its reports gave way to others, or their time is over.
    if (decision === null && remove) await ask('chat:delete', { roomId, messageId });
  }
  return (
    <section class="stack">
      <h3 ref={place} tabIndex={-1}>
        {t.title}
      </h3>
      {loaded.state === 'loading' && <Skeleton height={40} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && <p class="quiet small">{t.none}</p>}
      {loaded.state === 'ready' &&
        loaded.value.map(({ message, people, reasons }) => (
          <div key={message.messageId} class="row">
            <div class="grow user-text">
              <p>
                <strong>{message.senderName}</strong> {message.text}
              </p>
              <p class="quiet small">{[t.by(people), ...reasons].join(' · ')}</p>
            </div>
            <Button size="small" onClick={() => settle(message.messageId, false)}>
              {t.keep}
            </Button>
            <Button size="small" kind="danger" onClick={() => settle(message.messageId, true)}>
              {t.remove}
            </Button>
          </div>
        ))}
    </section>
  );
}

const texts = messages(
  {
    title: 'Reported by viewers',
    none: 'Nothing was reported.',
    by: (people: number) => counted(people, 'report', 'reports'),
    keep: 'Let it stay',
    remove: 'Delete',
    keptAlready: 'Somebody has decided already: it stays.',
    removedAlready: 'Somebody has decided already: it is deleted.',
  },
  {
    title: '观众举报',
    none: '没有举报。',
    by: (people: number) => `${count(people)} 人举报`,
    keep: '保留',
    remove: '删除',
    keptAlready: '已有人处理：保留该消息。',
    removedAlready: '已有人处理：该消息已删除。',
  },
);
