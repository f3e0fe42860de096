import type { CoHost } from '../../shared/protocol/media.ts';
import { Button, IconButton } from '../design/button.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { OnAirState } from '../on-air/use-on-air.ts';
import { useIsListed } from '../room/use-is-listed.ts';
import { coHostTexts } from './co-host.messages.ts';

type Props = {
  mine: CoHost;
  /** The show has not begun: what is sent is seen by no viewer yet. */
  isEarly: boolean;
  onAir: OnAirState;
  busy: boolean;
  onLeave: () => void;
};

/** One is seen and heard by everybody, or will be: this says so, and how much of it, and ends it. */
export function OnCamera({ mine, isEarly, onAir, busy, onLeave }: Props) {
  const t = useMessages(coHostTexts);
  const { off, turn } = onAir;
  const [isSilent, isHidden] = [off.includes('audio'), off.includes('video')];
  const isLosing = useIsListed('losing', mine.personId);
  return (
    <div class="co-host-bar co-host-bar--on" role="group" aria-label={t.onCamera}>
      <p class="grow" role="status">
        {stateText(mine, isEarly, isLosing, onAir, t)}
      </p>
      <IconButton
        icon={isSilent ? 'micOff' : 'mic'}
        label={isSilent ? t.micOn : t.micOff}
        onClick={() => turn('audio', isSilent)}
      />
      <IconButton
        icon={isHidden ? 'cameraOff' : 'camera'}
        label={isHidden ? t.cameraOn : t.cameraOff}
        onClick={() => turn('video', isHidden)}
      />
      <Button size="small" kind="danger" busy={busy} onClick={onLeave}>
        {t.leave}
      </Button>
    </div>
  );
}

type Texts = (typeof coHostTexts)['en'];

function stateText({ muted }: CoHost, isEarly: boolean, isLosing: boolean, { sending }: OnAirState, t: Texts): string {
  if (sending?.state === 'blocked') return t.blocked;
  if (sending?.state === 'full') return t.full;
  if (sending?.state === 'reconnecting') return t.reconnecting;
  if (sending?.state !== 'connected') return t.connecting;
  if (muted.length === 2) return t.mutedBoth;
  if (muted.includes('audio')) return t.mutedSound;
  if (muted.includes('video')) return t.mutedPicture;
  if (isLosing) return t.loses;
  return isEarly ? t.early : t.onCamera;
}
