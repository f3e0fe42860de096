import { Button, IconButton } from '../design/button.tsx';
import { toast } from '../design/toast.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { copyText } from '../state/copy-text.ts';
import type { Offer } from '../../shared/protocol/offer.ts';

/** The address of an offer's own page, for anybody to pass on. In a row of buttons it is a picture. */
export function CopyLink({ offer: { offerId }, inWords = false }: { offer: Offer; inWords?: boolean }) {
  const t = useMessages(texts);
  const copy = async () => {
    const url = `${location.origin}/offer/${offerId}`;
    if (await copyText(url)) toast(t.copied, 'good');
    else toast(t.copyThis(url));
  };
  return inWords ? (
    <Button size="small" kind="quiet" icon="copy" onClick={() => void copy()}>
      {t.copyLink}
    </Button>
  ) : (
    <IconButton icon="copy" label={t.copyLink} onClick={() => void copy()} />
  );
}

const texts = messages(
  {
    copyLink: 'Copy link',
    copied: 'The address is copied.',
    copyThis: (url: string) => `Copy this address: ${url}`,
  },
  {
    copyLink: '复制链接',
    copied: '链接已复制。',
    copyThis: (url: string) => `请手动复制链接：${url}`,
  },
);
