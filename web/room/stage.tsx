import { Cover } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { useIsLate } from '../state/use-is-late.ts';
import { BellButton } from '../reminder/bell-button.tsx';
import type { Room } from '../../shared/protocol/room.ts';
import { useRoom } from './room-context.ts';
import { Pictures } from './pictures.tsx';
import { roomTexts } from './room.messages.ts';
import type { Picture } from './use-picture.ts';
import './stage.css';

/** The picture, or an honest word about why there is none. */
export function Stage({ picture }: { picture: Picture }) {
  const t = useMessages(roomTexts);
  const room = useStore(useRoom().room);
  const isLate = useIsLate(room?.scheduledAtMs ?? null);
  const { shown, muted } = picture;
  const isShown = shown.length > 0 && room?.state === 'live';
  const hasPicture = shown.some(({ stream }) => stream.getVideoTracks().length > 0);
  const isBlind = picture.unknownCodec !== null && !hasPicture;
  const veil =
    room && (!isShown || isBlind || picture.state !== 'connected') ? veilText(room, picture, isBlind, isLate, t) : null;
  return (
    <div class="stage">
      {room && (
        <span class="stage__ground">
          <Cover url={room.coverUrl} id={room.roomId} />
        </span>
      )}
      {isShown && (
        <Pictures shown={shown} isMuted={() => muted} isOwnMirrored onSoundRefused={() => picture.setMuted(true)} />
      )}
      {veil && (
        <div class="stage__veil" role="status">
          {room?.state === 'scheduled' && <p class="stage__title user-text">{room.title}</p>}
          <p>{veil}</p>
          {room?.kind === 'show' && room.state === 'live' && picture.state === 'over' && (
            <Button size="small" kind="glass" onClick={picture.needsReload ? () => location.reload() : picture.again}>
              {picture.needsReload ? t.pictureReload : t.pictureAgain}
            </Button>
          )}
          {room?.state === 'scheduled' && !room.rehearsal && <BellButton room={room} />}
        </div>
      )}
      {isShown && muted && shown.some(({ isOwn }) => !isOwn) && (
        <button type="button" class="stage__sound" onClick={() => picture.setMuted(false)}>
          <Icon name="muted" sizePx={18} /> {t.sound}
        </button>
      )}
    </div>
  );
}

type Texts = (typeof roomTexts)['en'];

function veilText(room: Room, picture: Picture, isBlind: boolean, isLate: boolean, t: Texts): string | null {
  if (room.kind === 'group') return room.title; // Talk alone: nothing is missing.
  if (room.state === 'paused') return t.paused;
  if (room.state === 'scheduled') return whenText(room, isLate, t);
  if (room.state !== 'live') return null;
  if (picture.state === 'preparing') return t.preparing;
  if (picture.state === 'full') return t.pictureFull;
  if (picture.state === 'over') return picture.needsReload ? t.pictureOld : t.pictureOver;
  if (picture.state === 'blocked') return t.pictureBlocked;
  if (picture.state === 'reconnecting') return t.videoReconnecting;
  return isBlind ? t.pictureUnknown(picture.unknownCodec!) : t.noPicture;
}

function whenText({ scheduledAtMs }: Room, isLate: boolean, t: Texts): string {
  if (scheduledAtMs === null) return t.scheduledSoon;
  return (isLate ? t.late : t.scheduledTitle)(dayAndTime(scheduledAtMs));
}
