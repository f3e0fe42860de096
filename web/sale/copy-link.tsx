import { addressTexts } from '../design/address.messages.ts';
import { Button, IconButton } from '../design/button.tsx';
import { toast } from '../design/toast.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { copyText } from '../state/copy-text.ts';
import type { Offer } from '../../shared/protocol/offer.ts';

/** The address of an offer's own page, for anybody to pass on. In a row of buttons it is a picture. */
export function CopyLink({ offer: { offerId }, inWords = false }: { offer: Offer; inWords?: boolean }) {
  const { copyLink } = useMessages(texts);
  const address = useMessages(addressTexts);
  const copy = async () => {
    const url = `${location.origin}/offer/${offerId}`;
    if (await copyText(url)) toast(address.copied, 'good');
    else toast(address.copyThis(url));
  };
  return inWords ? (
    <Button size="small" kind="quiet" icon="copy" onClick={() => void copy()}>
      {copyLink}
    </Button>
  ) : (
    <IconButton icon="copy" label={copyLink} onClick={() => void copy()} />
  );
}

const texts = messages({ copyLink: 'Copy link' }, { copyLink: '复制链接' });
