import { useEffect, useState } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { megabits } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useLasting } from '../../state/use-lasting.ts';
import { useRoom } from '../../room/room-context.ts';
import { Pictures } from '../../room/pictures.tsx';
import { PlayedVideo } from '../../room/played-video.tsx';
import { usePicture, usePictureChoice } from '../../room/use-picture.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { DeviceChoice } from './device-choice.tsx';
import { SoundLevel } from '../../on-air/sound-level.tsx';
import type { OnAirState } from '../../on-air/use-on-air.ts';
import { useStore } from '../../state/store.ts';
import { useFocusStays } from '../../state/use-focus-place.ts';
import { CoHostsList } from './co-hosts.tsx';
import { HostLosing } from './host-losing.tsx';
import { HostMuted } from './host-muted.tsx';
import { StreamKey } from './stream-key.tsx';
import type { Role } from './use-role.ts';
import type { MediaState } from '../../../shared/client/media-session.ts';

type Way = 'camera' | 'screen' | 'obs';

/** A picture that is sent is here by then, also on a slow machine. */
const pictureWaitMs = 8_000;

/** What viewers see, or will see: from this page, or from another program whose address and key stand below. */
export function OnAir({ room, role, onAir }: { room: Room; role: Role | null; onAir: OnAirState }) {
  const t = useMessages(studioTexts);
  const [way, setWay] = useState<Way>('camera');
  const [seen, setSeen] = useState<readonly string[]>([]);
  const { coHosts } = useStore(useRoom().coHosting);
  const place = useFocusStays<HTMLElement>();
  const hasCoHosts = coHosts.some(({ untilMs }) => untilMs === null);
  const isElsewhere = !onAir.preview && seen.includes(room.hostId);
  // What another program sends takes a moment to arrive here: a host who is told too soon starts a second sender.
  const isUnseen = useLasting(room.state === 'live' && !isElsewhere && !onAir.preview, pictureWaitMs);
  const tabs = [
    { key: 'camera' as const, label: t.camera },
    { key: 'screen' as const, label: t.screen },
    { key: 'obs' as const, label: 'OBS' },
  ];
  const choose = (next: Way) => {
    setWay(next);
    if (next !== 'obs' && onAir.preview) void onAir.show(next);
  };
  return (
    <section ref={place} class="panel on-air" aria-label={t.preview}>
      <header class="panel__head">
        <h2>{t.preview}</h2>
        <Sending onAir={onAir} isElsewhere={isElsewhere} />
      </header>
      <HostMuted hostId={room.hostId} />
      <HostLosing hostId={room.hostId} />
      <div class={`on-air__picture on-air__picture--${seen.length}`}>
        {onAir.preview && !hasCoHosts ? (
          <PlayedVideo stream={onAir.preview} muted />
        ) : (
          <Monitor room={room} role={role} onAir={onAir} onSeen={setSeen} />
        )}
      </div>
      <CoHostsList role={role} isEarly={room.state === 'scheduled'} seen={seen} />
      {isElsewhere && <p class="quiet small">{t.fromElsewhere}</p>}
      <Problem text={isUnseen ? t.liveWithoutPicture : undefined} />
      <Tabs label={t.preview} tabs={tabs} chosen={way} onChoose={choose}>
        {way === 'obs' ? <StreamKey room={room} isUsed={isElsewhere} /> : <OwnPicture onAir={onAir} way={way} />}
      </Tabs>
      <SendingActs room={room} onAir={onAir} />
    </section>
  );
}

function OwnPicture({ onAir, way }: { onAir: OnAirState; way: Exclude<Way, 'obs'> }) {
  const t = useMessages(studioTexts);
  const { preview, isSilent, sending, failed } = onAir;
  return (
    <>
      {!preview && (
        <Button icon={way} wide onClick={() => void onAir.show(way)}>
          {way === 'camera' ? t.startPreview : t.chooseScreen}
        </Button>
      )}
      {failed && <Problem text={way === 'camera' ? t.noDevice : t.noScreen} />}
      {sending?.state === 'over' && <Problem text={overText(sending, t)} />}
      {sending?.state === 'blocked' && <Problem text={t.sendingBlocked} />}
      {sending?.state === 'full' && <Problem text={t.sendingFull} />}
      {preview && !isSilent && <SoundLevel key={preview.id} stream={preview} />}
      <Problem text={isSilent ? t.noMicrophone : undefined} />
      {way === 'camera' && preview && <DeviceChoice onAir={onAir} />}
    </>
  );
}

/** In sight at the foot of the panel, however much stands above it and whichever tab is open: who is filmed can end it at once. */
function SendingActs({ room, onAir: { preview, isSending, send, stop } }: { room: Room; onAir: OnAirState }) {
  const t = useMessages(studioTexts);
  if (!preview && !isSending) return null;
  return (
    <div class="on-air__acts">
      {!isSending && room.state !== 'scheduled' && (
        <Button kind="primary" icon="live" onClick={send}>
          {t.sendPicture}
        </Button>
      )}
      <Button size="small" kind={isSending ? 'plain' : 'quiet'} onClick={stop}>
        {isSending ? t.stopSending : t.closePreview}
      </Button>
    </div>
  );
}

/** Why the picture is not sent any more. */
function overText({ reason, code }: Extract<MediaState, { state: 'over' }>, t: (typeof studioTexts)['en']): string {
  if (code === 'CONFLICT') return t.sendingRefused;
  if (code === 'CODECS_REFUSED') return t.codecsRefused;
  if (code === 'UPGRADE_REQUIRED') return t.pageOld;
  return reason in t.sendingOver ? t.sendingOver[reason as keyof typeof t.sendingOver] : t.sendingOver['not-allowed'];
}

type MonitorProps = {
  room: Room;
  role: Role | null;
  onAir: OnAirState;
  onSeen: (publisherIds: readonly string[]) => void;
};

/** The show as it arrives at viewers, with what is sent from here as it is here. The host hears the others, and never themselves. */
function Monitor({ room: { hostId }, role, onAir: { preview }, onSeen }: MonitorProps) {
  const t = useMessages(studioTexts);
  const { state, shown } = usePicture(useRoom(), usePictureChoice(), preview);
  const seen = state === 'connected' || preview ? shown : [];
  const ids = seen.map(({ publisherId }) => publisherId).join();
  useEffect(() => {
    onSeen(ids === '' ? [] : ids.split(','));
    return () => onSeen([]);
  }, [ids]);
  if (seen.length === 0) return <p class="on-air__none">{t.noPicture}</p>;
  return <Pictures shown={seen} isMuted={({ publisherId }) => role !== 'host' || publisherId === hostId} />;
}

function Sending({ onAir: { sending, bitsPerSecond }, isElsewhere }: { onAir: OnAirState; isElsewhere: boolean }) {
  const t = useMessages(studioTexts);
  if (!sending && isElsewhere) return <Badge tone="good">{t.onAir}</Badge>;
  if (!sending || sending.state === 'over') return <Badge>{t.notSending}</Badge>;
  if (sending.state === 'connected')
    return (
      <span class="row">
        {bitsPerSecond > 0 && <span class="quiet small numbers">{megabits(bitsPerSecond)}</span>}
        <Badge tone="good">{t.onAir}</Badge>
      </span>
    );
  if (sending.state === 'blocked' || sending.state === 'full') return <Badge>{t.notSending}</Badge>;
  return <Badge tone="accent">{sending.state === 'reconnecting' ? t.reconnecting : t.connecting}</Badge>;
}
