import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Cover } from '../design/avatar.tsx';
import { Icon } from '../design/icon.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { Picture } from './use-picture.ts';
import './stage.css';

/** The picture, or an honest word about why there is none. */
export function Stage({ picture }: { picture: Picture }) {
  const t = useMessages(roomTexts);
  const room = useStore(useRoom().room);
  const video = useRef<HTMLVideoElement>(null);
  const { stream, muted } = picture;

  useEffect(() => {
    const element = video.current;
    if (!element || element.srcObject === stream) return;
    element.srcObject = stream;
    // Browsers refuse sound before the first touch; without sound they play. The sound button is that touch.
    if (stream) void element.play().catch(() => undefined);
  }, [stream]);

  const shows = picture.state === 'playing' && room?.state === 'live';
  return (
    <div class="stage">
      {room && <Cover url={room.coverUrl} id={room.roomId} />}
      <video ref={video} class={shows ? 'stage__video' : 'stage__video stage__video--off'} autoplay playsInline muted={muted} />
      {room && !shows && <Veil>{veilText(room, picture, t)}</Veil>}
      {shows && muted && (
        <button type="button" class="stage__sound" onClick={() => picture.setMuted(false)}>
          <Icon name="muted" sizePx={18} /> {t.sound}
        </button>
      )}
    </div>
  );
}

const Veil = ({ children }: { children: ComponentChildren }) => (
  <p class="stage__veil" role="status">
    {children}
  </p>
);

function veilText(room: Room, picture: Picture, t: (typeof roomTexts)['en']): string {
  if (room.state === 'paused') return t.paused;
  if (room.state === 'scheduled')
    return room.scheduledAtMs === null ? t.scheduledSoon : t.scheduledTitle(dayAndTime(room.scheduledAtMs));
  if (room.state === 'cancelled') return t.cancelledTitle;
  if (room.state === 'ended') return t.endedTitle;
  if (picture.state === 'preparing') return t.preparing;
  return picture.state === 'reconnecting' ? t.videoReconnecting : t.noPicture;
}
