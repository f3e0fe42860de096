import { useState } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Choice } from '../../design/field.tsx';
import { Icon } from '../../design/icon.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { PlayedVideo } from '../../room/stage.tsx';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { SoundLevel } from './sound-level.tsx';
import { StreamKey } from './stream-key.tsx';
import type { OnAirState } from './use-on-air.ts';

type Way = 'camera' | 'screen' | 'obs';

/** What the host sends, seen as viewers will see it; or the address and key for another program. */
export function OnAir({ room, onAir }: { room: Room; onAir: OnAirState }) {
  const t = useMessages(studioTexts);
  const [way, setWay] = useState<Way>('camera');
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
    <section class="panel on-air" aria-label={t.preview}>
      <header class="panel__head">
        <h2>{t.preview}</h2>
        <Sending onAir={onAir} />
      </header>
      <Tabs label={t.preview} tabs={tabs} chosen={way} onChoose={choose} />
      {way === 'obs' ? (
        <StreamKey roomId={room.roomId} />
      ) : (
        <>
          <div class="on-air__picture">
            {onAir.preview ? (
              <PlayedVideo stream={onAir.preview} muted />
            ) : (
              <Button icon={way} onClick={() => void onAir.show(way)}>
                {t.startPreview}
              </Button>
            )}
          </div>
          {onAir.failed && (
            <p class="problem" role="alert">
              {t.noDevice}
            </p>
          )}
          {onAir.preview && <SoundLevel stream={onAir.preview} />}
          {way === 'camera' && onAir.preview && <DeviceChoice onAir={onAir} />}
          {onAir.preview && !onAir.sending && room.state !== 'scheduled' && (
            <Button kind="primary" icon="live" onClick={onAir.send}>
              {t.sendPicture}
            </Button>
          )}
          {onAir.sending && (
            <Button size="small" onClick={onAir.stop}>
              {t.stopSending}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function Sending({ onAir: { sending } }: { onAir: OnAirState }) {
  const t = useMessages(studioTexts);
  if (!sending) return <Badge>{t.notSending}</Badge>;
  if (sending.state === 'connected') return <Badge tone="good">{t.onAir}</Badge>;
  if (sending.state === 'over') return <Badge tone="bad">{t.notSending}</Badge>;
  return <Badge tone="accent">{sending.state === 'reconnecting' ? t.reconnecting : t.connecting}</Badge>;
}

function DeviceChoice({ onAir: { devices, preview, show } }: { onAir: OnAirState }) {
  const t = useMessages(studioTexts);
  const idOf = (kind: 'video' | 'audio') =>
    preview
      ?.getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId ?? '';
  const [cameraId, microphoneId] = [idOf('video'), idOf('audio')];
  const choicesOf = (list: readonly MediaDeviceInfo[]) =>
    list.map(({ deviceId, label }, index) => ({ key: deviceId, label: label || String(index + 1) }));
  return (
    <details class="on-air__devices">
      <summary>
        <Icon name="settings" sizePx={16} /> {t.devices}
      </summary>
      <Choice
        label={t.chooseCamera}
        value={cameraId}
        choices={choicesOf(devices.cameras)}
        onChoose={(next) => void show('camera', { cameraId: next, microphoneId })}
      />
      <Choice
        label={t.chooseMic}
        value={microphoneId}
        choices={choicesOf(devices.microphones)}
        onChoose={(next) => void show('camera', { cameraId, microphoneId: next })}
      />
    </details>
  );
}
