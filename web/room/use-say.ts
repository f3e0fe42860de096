import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import { useRequestKey } from '../state/use-request-key.ts';
import { heldText, isRefused, refusalText } from './chat-refusal.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

/** What became of a sentence said by a button, in words. */
export type Said = { isSaid: boolean; tells: string };

/** Says a ready sentence in the chat. The answer is for the person: a refusal is none of the errors, and no success either. */
export function useSay() {
  const t = useMessages(roomTexts);
  const { ask, roomId, said, waits } = useRoom();
  const { keyOf, done } = useRequestKey();
  return async (text: string): Promise<Said> => {
    try {
      const answer = await ask('chat:send', { roomId, text, requestKey: keyOf(text) });
      done(text);
      if (isRefused(answer)) return { isSaid: false, tells: refusalText(answer, answer.retryAfterMs, t) };
      if (answer.outcome === 'held') {
        waits(answer);
        return { isSaid: true, tells: heldText(answer, t) };
      }
      said(answer.message);
      return { isSaid: true, tells: text };
    } catch (error) {
      return { isSaid: false, tells: sayError(error) };
    }
  };
}
