import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { saleTexts } from '../sale/sale.messages.ts';
import { sayError } from '../session/say-error.ts';
import { newKey } from '../state/new-key.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { useRoom } from './room-context.ts';

/** "Can you tell more about no. 7?" said in the chat with one press. */
export function useAskAbout() {
  const t = useMessages(saleTexts);
  const { ask, roomId } = useRoom();
  return (offer: Offer): void => {
    const text = t.asking(offer.itemNumber);
    ask('chat:send', { roomId, text, requestKey: newKey() }).then(
      () => toast(text, 'good'),
      (error: unknown) => toast(sayError(error), 'bad'),
    );
  };
}
