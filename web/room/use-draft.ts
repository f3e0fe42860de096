import { useState } from 'preact/hooks';
import { limits } from '../../shared/limits.ts';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import type { Named } from './mentions.ts';

export type Draft = ReturnType<typeof useDraft>;

/** What one is about to say, and to whom. Kept above what is drawn anew around it: a tablet is turned, a guest signs in. */
export function useDraft() {
  const [text, setText] = useState('');
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null);
  const [chosen, setChosen] = useState<readonly Named[]>([]);
  return {
    text,
    replyTo,
    /** Those chosen to be named, the latest first: of two people with the same name, one of these is meant. */
    chosen,
    write: (typed: string) => setText(typed),
    name: (person: Named) => setChosen((before) => [person, ...before].slice(0, limits.chatMentionsMax)),
    reply: (message: ChatMessage) => setReplyTo(message),
    cancelReply: () => setReplyTo(null),
    /** This was said. What was written or picked while its answer was on its way is the next message. */
    said(sent: { text: string; replyTo: ChatMessage | null; chosen: readonly Named[] }): void {
      setText((typed) => (typed === sent.text ? '' : typed));
      setReplyTo((picked) => (picked === sent.replyTo ? null : picked));
      setChosen((named) => (named === sent.chosen ? [] : named));
    },
  };
}
