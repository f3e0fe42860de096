import type { Room } from '../../shared/protocol/room.ts';
import { addressTexts } from '../design/address.messages.ts';
import { IconButton } from '../design/button.tsx';
import { toast } from '../design/toast.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { copyText } from '../state/copy-text.ts';
import { useRoom } from './room-context.ts';

type Props = { room: Pick<Room, 'title'>; kind?: 'plain' | 'glass' };

/** Passes on the address of the room: by what the phone offers for that, else by the clipboard. Fans get points for it. */
export function ShareButton({ room, kind = 'plain' }: Props) {
  const t = useMessages(texts);
  const address = useMessages(addressTexts);
  const { ask, roomId } = useRoom();
  const share = async () => {
    const url = `${location.origin}/room/${roomId}`;
    const outcome = await passOn({ title: room.title, url });
    if (outcome === 'kept') return;
    if (outcome === 'refused') return toast(address.copyThis(url));
    // Thanks that get lost are no reason to trouble anybody.
    const { counted } = await ask('fan-club:share', { roomId }).catch(() => ({ counted: false }));
    if (counted) toast(t.thanked, 'good');
    else if (outcome === 'copied') toast(address.copied, 'good');
  };
  return <IconButton kind={kind} icon="share" label={t.share} onClick={() => void share()} />;
}

/** `kept`: the person thought better of it. `refused`: this browser lets a page neither share nor copy. */
async function passOn(link: { title: string; url: string }): Promise<'shared' | 'copied' | 'kept' | 'refused'> {
  if ('share' in navigator) {
    try {
      await navigator.share(link);
      return 'shared';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return 'kept';
    }
  }
  return (await copyText(link.url)) ? 'copied' : 'refused';
}

const texts = messages(
  {
    share: 'Share this show',
    thanked: 'Shared. It counts for your fan points.',
  },
  {
    share: '分享直播间',
    thanked: '已分享，计入亲密值。',
  },
);
