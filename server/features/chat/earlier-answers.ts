import { AppError } from '../../../shared/errors.ts';
import type { ChatMessage, SendOutcome } from '../../../shared/protocol/chat.ts';
import type { ChatStore } from './chat-store.pg.ts';
import type { SaidMessages } from './said-messages.ts';

/** What was asked for under a key. */
export type Wish = { message: ChatMessage; replyToId: string | undefined };

type Needs = { said: SaidMessages; store: Pick<ChatStore, 'heldOne'> };

export type EarlierAnswers = ReturnType<typeof createEarlierAnswers>;

/**
 * What a message was answered when its key came first. Asked before every refusal, which would otherwise be another answer to
 * the same key, and where a repetition is likely. Who repeats what is refused can do so many times a second, so that a key which
 * was never answered costs one call of Redis and nothing of PostgreSQL: Redis knows which ones were held.
 */
export function createEarlierAnswers({ said, store }: Needs) {
  return {
    /** Null when the key was not answered yet. @throws AppError KEY_REUSED when it said something else. */
    async of(roomId: string, wish: Wish): Promise<SendOutcome | null> {
      const first = await said.first(roomId, wish.message.messageId);
      if (first === 'aside') return ofHeld(roomId, wish);
      if (!first) return null;
      refuseOther(first.message, wish);
      return { outcome: 'sent', ...first };
    },
  };

  async function ofHeld(roomId: string, wish: Wish): Promise<SendOutcome | null> {
    const held = await store.heldOne(roomId, wish.message.messageId);
    if (!held) return null;
    refuseOther(held.message, wish);
    const { message, reason, detail, isRefused } = held;
    return { outcome: 'held', message, reason, detail, decision: isRefused ? 'rejected' : null };
  }
}

/** A quotation that is not there proves nothing: what was answered may have been taken back before. */
function refuseOther(first: ChatMessage, { message, replyToId }: Wish): void {
  const sameReply = first.replyTo === null || first.replyTo.messageId === replyToId;
  const sameMentions = first.mentions.join() === message.mentions.join();
  if (first.text !== message.text || !sameMentions || !sameReply) throw new AppError('KEY_REUSED');
}
