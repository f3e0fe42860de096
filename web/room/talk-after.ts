import type { TypedEntry } from '../../shared/frames.ts';
import type { ChatState } from '../../shared/protocol/chat.ts';

/** What is pinned and how people may chat, after an entry of the room log. */
export function talkAfter(talk: ChatState | null, entry: TypedEntry): ChatState | null {
  if (!talk) return talk;
  switch (entry.kind) {
    case 'chat:configured':
      return { ...talk, settings: entry.body };
    case 'chat:pinned':
      return { ...talk, pinned: entry.body.message };
    case 'chat:deleted':
      return talk.pinned && entry.body.messageIds.includes(talk.pinned.messageId) ? { ...talk, pinned: null } : talk;
    case 'chat:cleared':
      return entry.body.saidUntilMs === undefined ? { ...talk, pinned: null } : talk;
    case 'chat:announced':
      return { ...talk, announcement: entry.body.text };
    default:
      return talk;
  }
}
