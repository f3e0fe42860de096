import type { MediaKind } from '../../shared/protocol/media.ts';
import { Avatar } from '../design/avatar.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { PlayedVideo } from './played-video.tsx';
import { useIsListed } from './use-is-listed.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { Shown } from './use-picture.ts';
import './pictures.css';

type Props = {
  shown: readonly Shown[];
  isMuted: (shown: Shown) => boolean;
  /** One's own picture is shown as in a mirror: one knows oneself so. Not to a host, who holds up things with words on them. */
  isOwnMirrored?: boolean;
  onSoundRefused?: () => void;
};

/** Everybody who publishes, the host first. Where there are several, each has their name, and who speaks is marked. */
export function Pictures(props: Props) {
  const { shown } = props;
  return (
    <div class={`pictures pictures--${Math.min(4, shown.length)}`}>
      {shown.map((one) => (
        <OnePicture key={one.publisherId} {...props} one={one} isNamed={shown.length > 1} />
      ))}
    </div>
  );
}

type OneProps = Props & { one: Shown; isNamed: boolean };

function OnePicture({ one, isNamed, isMuted, isOwnMirrored = false, onSoundRefused }: OneProps) {
  const isSpeaking = useIsListed('speakers', one.publisherId) && isNamed;
  return (
    <div class={isSpeaking ? 'picture picture--speaks' : 'picture'}>
      <PlayedVideo
        stream={one.stream}
        muted={one.isOwn || isMuted(one)}
        isMirrored={one.isOwn && isOwnMirrored}
        onSoundRefused={onSoundRefused}
      />
      <Whose shown={one} isNamed={isNamed} />
    </div>
  );
}

function Whose({ shown: { publisherId: personId, stream }, isNamed }: { shown: Shown; isNamed: boolean }) {
  const t = useMessages(roomTexts);
  const { name, muted } = usePublisher(personId);
  // Of somebody alone who sends no picture, the cover of the show is seen.
  const isHidden = muted.includes('video') || (isNamed && stream.getVideoTracks().length === 0);
  return (
    <>
      {isHidden && (
        <span class="picture__hidden">
          <Avatar id={personId} name={name} sizePx={64} />
        </span>
      )}
      {isNamed && (
        <span class="picture__name">
          {muted.includes('audio') && <Icon name="micOff" sizePx={14} />}
          <span class="user-text one-line">{name}</span>
          {muted.includes('audio') && <span class="visually-hidden">{t.isMuted}</span>}
        </span>
      )}
    </>
  );
}

/** Nothing is known of a co-host in the moment in which they leave. */
function usePublisher(personId: string): { name: string; muted: readonly MediaKind[] } {
  const { room, coHosting } = useRoom();
  const { hostId, hostName = '' } = useStore(room) ?? {};
  const { coHosts, hostMuted } = useStore(coHosting);
  if (personId === hostId) return { name: hostName, muted: hostMuted };
  return coHosts.find((one) => one.personId === personId) ?? { name: '', muted: [] };
}
