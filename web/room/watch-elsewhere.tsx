import { useState } from 'preact/hooks';
import { IconButton } from '../design/button.tsx';
import { Copyable } from '../design/copyable.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import { Failure } from '../shell/failure.tsx';
import { useLoaded } from '../state/use-loaded.ts';
import { useRoom } from './room-context.ts';

/** Address and token with which another program plays this show by WHEP. On a desk alone: phones have no such programs. */
export function WatchElsewhere() {
  const t = useMessages(texts);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton kind="glass" icon="screen" label={t.title} onClick={() => setOpen(true)} />
      {isOpen && (
        <Sheet title={t.title} shape="dialog" onClose={() => setOpen(false)}>
          <Grant />
        </Sheet>
      )}
    </>
  );
}

function Grant() {
  const t = useMessages(texts);
  const { ask, roomId } = useRoom();
  const { loaded, again } = useLoaded(() => ask('media:watch-grant', { roomId }), [roomId]);
  if (loaded.state === 'loading') return <Skeleton height={160} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const { whepUrl, token, expiresAtMs } = loaded.value;
  return (
    <div class="stack">
      <p class="quiet">{t.explanation}</p>
      <Copyable label={t.address} text={new URL(whepUrl, location.origin).href} />
      <Copyable label={t.token} text={token} />
      <p class="quiet small">{t.until(dayAndTime(expiresAtMs))}</p>
    </div>
  );
}

const texts = messages(
  {
    title: 'Watch in another player',
    explanation: 'Any player that speaks WHEP shows this picture, such as a video wall or a mixer. Give it both lines.',
    address: 'Address (WHEP)',
    token: 'Token (Bearer)',
    until: (when: string) => `It is yours alone and works until ${when}.`,
  },
  {
    title: '用其他播放器观看',
    explanation: '支持 WHEP 的播放器（如电视墙、导播台）都能播放，请填入下面两项。',
    address: '地址（WHEP）',
    token: '令牌（Bearer）',
    until: (when: string) => `仅供你本人使用，有效期至 ${when}。`,
  },
);
