import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { toast } from '../../design/toast.tsx';
import { messages, useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { newKey } from '../../state/new-key.ts';

/** Takes back all lines at once, for everybody; asked about first, because nobody brings them back. */
export function ClearChat() {
  const t = useMessages(texts);
  const { ask, roomId } = useRoom();
  const question = useQuestion();
  const [busy, setBusy] = useState(false);
  const clear = () => {
    setBusy(true);
    void ask('chat:clear', { roomId, requestKey: newKey() })
      .then(() => toast(t.done, 'good'), complain)
      .then(() => setBusy(false));
  };
  const about = { title: t.title, explanation: t.explanation, yes: t.clear, danger: true };
  return (
    <section class="row row--wrap">
      <p class="grow quiet small">{t.hint}</p>
      <Button size="small" kind="danger" busy={busy} onClick={() => question.ask({ ...about, onYes: clear })}>
        {t.clear}
      </Button>
      {question.dialog}
    </section>
  );
}

const texts = messages(
  {
    clear: 'Clear the chat',
    hint: 'Takes back every line, for everybody.',
    title: 'Clear the chat?',
    explanation:
      'Every line is taken back for everybody, and the pinned message too. Nobody can bring them back. What waits for review or was reported stays on your lists.',
    done: 'The chat is cleared',
  },
  {
    clear: '清空聊天',
    hint: '撤回所有消息，对所有人生效。',
    title: '清空聊天？',
    explanation: '所有消息（包括置顶消息）会对所有人撤回，无法恢复。待审核和被举报的消息仍留在你的列表中。',
    done: '聊天已清空',
  },
);
