import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { messages, useMessages } from '../i18n/messages.ts';
import { IconButton } from './button.tsx';
import { Toasts } from './toast.tsx';
import './sheet.css';

type SheetProps = {
  title: string;
  onClose: () => void;
  /**
   * `bottom`: comes from below on phones and leaves the video to be seen; `side`: the same there, and stands at the side of a desk;
   * `dialog`: stands in the middle everywhere.
   */
  shape?: 'bottom' | 'side' | 'dialog';
  /** Stays at the foot while the rest scrolls: the one thing to press. */
  foot?: ComponentChildren;
  children: ComponentChildren;
};

/** Something to look at or decide before going on. The browser's own dialog keeps the focus inside and closes on Escape. */
export function Sheet({ title, onClose, shape = 'bottom', foot, children }: SheetProps) {
  const t = useMessages(texts);
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog, onClose);
  // Who selects text and lets go outside has pressed inside: that is no wish to leave.
  const isPressedOutside = useRef(false);
  const noteWhere = (event: Event) => void (isPressedOutside.current = event.target === dialog.current);
  const closeOutside = (event: MouseEvent) => {
    if (event.target === dialog.current && isPressedOutside.current) onClose();
  };
  return (
    <dialog
      ref={dialog}
      class={`sheet sheet--${shape}`}
      aria-labelledby={titleId}
      onPointerDown={noteWhere}
      onClick={closeOutside}
    >
      <div class="sheet__inside">
        <header class="sheet__head">
          <h2 id={titleId} class="user-text">
            {title}
          </h2>
          <IconButton icon="close" label={t.close} onClick={onClose} />
        </header>
        <div class="sheet__body">{children}</div>
        {foot && <footer class="sheet__foot">{foot}</footer>}
      </div>
      <Toasts />
    </dialog>
  );
}

/** Opens the dialog, and gives the focus back to what opened it, whichever way it goes. */
function useModal(dialog: RefObject<HTMLDialogElement | null>, onClose: () => void): void {
  const latestOnClose = useRef(onClose);
  latestOnClose.current = onClose;
  useEffect(() => {
    const element = dialog.current!;
    const closed = () => latestOnClose.current();
    element.addEventListener('close', closed);
    const opener = document.activeElement;
    element.showModal();
    return () => {
      // The event comes later, when another sheet may be open: it is not meant for that one.
      element.removeEventListener('close', closed);
      element.close();
      // It has left the page by now, and a dialog that is not there gives nothing back. Who has gone on is left where they are.
      const isNowhere = document.activeElement === document.body;
      if (isNowhere && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
}

const texts = messages({ close: 'Close' }, { close: '关闭' });
