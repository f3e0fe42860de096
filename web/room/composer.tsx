import { useState } from 'preact/hooks';
import type { ChatMessage, SendOutcome } from '../../shared/protocol/chat.ts';
import { IconButton } from '../design/button.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import { useRequestKey } from '../state/use-request-key.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

/** Characters of one message; the server refuses longer ones. */
const textLengthMax = 300;

type Props = { replyTo: ChatMessage | null; onReplyDone: () => void };

/** Where one writes. A refused message stays in the field, with the reason above it: nobody has to type it again. */
export function Composer({ replyTo, onReplyDone }: Props) {
  const t = useMessages(roomTexts);
  const { ask, roomId } = useRoom();
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const { keyOf, done } = useRequestKey();

  const send = async (event: Event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said) return;
    try {
      const message = { text: said, ...(replyTo ? { replyToId: replyTo.messageId } : {}) };
      const answer = await ask('chat:send', { roomId, ...message, requestKey: keyOf(message) });
      const why = refusalOf(answer);
      setRefusal(why);
      if (why) return;
      if (answer.outcome === 'held') toast(t.held);
      setText('');
      done();
      onReplyDone();
    } catch (error) {
      setRefusal(sayError(error));
    }
  };

  function refusalOf(answer: SendOutcome): string | undefined {
    if (answer.outcome === 'sent' || answer.outcome === 'held') return undefined;
    const seconds = answer.retryAfterMs === null ? null : Math.ceil(answer.retryAfterMs / 1_000);
    switch (answer.outcome) {
      case 'slow_mode':
        return t.slowMode(seconds ?? 1);
      case 'muted':
        return seconds === null ? t.muted : t.mutedFor(seconds);
      case 'banned_word':
        return answer.detail ? t.bannedWord(answer.detail) : t.bannedWordPlain;
      case 'followers_only':
        return t.followersOnly;
      case 'fans_only':
        return t.fansOnly;
      case 'duplicate':
        return t.duplicate;
      case 'closed':
        return t.chatClosed;
    }
  }

  return (
    <form class="composer" onSubmit={(event) => void send(event)}>
      {refusal && (
        <p class="composer__refusal" role="alert">
          {refusal}
        </p>
      )}
      {replyTo && (
        <p class="composer__reply">
          <span class="one-line user-text">{t.replyingTo(replyTo.senderName)}</span>
          <IconButton icon="close" label={t.cancelReply} sizePx={16} onClick={onReplyDone} />
        </p>
      )}
      <div class="composer__row">
        <input
          dir="auto"
          value={text}
          maxLength={textLengthMax}
          placeholder={t.say}
          aria-label={t.say}
          autocomplete="off"
          enterkeyhint="send"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text.trim() && <IconButton icon="send" label={t.send} type="submit" />}
      </div>
    </form>
  );
}
