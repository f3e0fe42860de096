import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { saleTexts } from '../sale/sale.messages.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { useSay } from './use-say.ts';

/** "Can you tell more about no. 7?" said in the chat with one press. */
export function useAskAbout() {
  const t = useMessages(saleTexts);
  const say = useSay();
  return (offer: Offer): void =>
    void say(t.asking(offer.itemNumber)).then(({ isSaid, tells }) => toast(tells, isSaid ? 'good' : 'bad'));
}
