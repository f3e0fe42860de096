import { Choice } from '../../design/field.tsx';
import { Icon } from '../../design/icon.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { studioTexts } from '../studio.messages.ts';
import type { OnAirState } from '../../on-air/use-on-air.ts';

/** Which camera and which microphone; a change is seen in the preview, and by viewers, at once. */
export function DeviceChoice({ onAir: { devices, preview, show } }: { onAir: OnAirState }) {
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
      <div class="stack">
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
      </div>
    </details>
  );
}
