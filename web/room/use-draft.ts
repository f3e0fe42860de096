import { useState } from 'preact/hooks';
import type { ChatMessage } from '../../shared/protocol/chat.ts';

export type Draft = ReturnType<typeof useDraft>;

/** What one is about to say, and to whom. Kept above what is drawn anew around it: a tablet is turned, a guest signs in. */
export function useDraft() {
  const [text, setText] = useState('');
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null);
  return {
    text,
    replyTo,
    write: (typed: string) => setText(typed),
    reply: (message: ChatMessage) => setReplyTo(message),
    cancelReply: () => setReplyTo(null),
    /** This was said. What was written or picked while its answer was on its way is the next message. */
    said(sent: { text: string; replyTo: ChatMessage | null }): void {
      setText((typed) => (typed === sent.text ? '' : typed));
      setReplyTo((picked) => (picked === sent.replyTo ? null : picked));
    },
  };
}
