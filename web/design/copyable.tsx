import { useRef } from 'preact/hooks';
import { messages, useMessages } from '../i18n/messages.ts';
import { copyText } from '../state/copy-text.ts';
import { IconButton } from './button.tsx';
import { toast } from './toast.tsx';
import './copyable.css';

/** Something that goes into another program: an address, a key. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const t = useMessages(texts);
  const code = useRef<HTMLElement>(null);
  const copy = async () => {
    if (await copyText(text)) return toast(t.copied, 'good');
    // Where the browser lets no page copy, selected text is copied by hand.
    getSelection()?.selectAllChildren(code.current!);
    toast(t.byHand);
  };
  return (
    <div>
      <p class="field__label">{label}</p>
      <p class="copyable">
        <code ref={code}>{text}</code>
        <IconButton icon="copy" label={`${t.copy}: ${label}`} onClick={() => void copy()} sizePx={18} />
      </p>
    </div>
  );
}

const texts = messages(
  {
    copy: 'Copy',
    copied: 'Copied',
    byHand: 'It is selected. Copy it with your keyboard or by a long press.',
  },
  {
    copy: '复制',
    copied: '已复制',
    byHand: '已选中，请用键盘或长按复制。',
  },
);
