import { useEffect, useRef, useState } from 'preact/hooks';
import { createPublisher, type MediaState, type Publisher } from '../../../shared/client/media.ts';
import { useRoom } from '../../room/room-context.ts';

export type Source = 'camera' | 'screen';
export type Devices = { cameras: readonly MediaDeviceInfo[]; microphones: readonly MediaDeviceInfo[] };
export type OnAirState = ReturnType<typeof useOnAir>;

const wantedVideo = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const wantedAudio = { echoCancellation: true, noiseSuppression: true };

/** The host's own picture: what the camera or the screen gives, and whether it is being sent. */
export function useOnAir() {
  const { client, roomId } = useRoom();
  const [preview, setPreview] = useState<MediaStream | null>(null);
  const [devices, setDevices] = useState<Devices>({ cameras: [], microphones: [] });
  const [failed, setFailed] = useState(false);
  const [sending, setSending] = useState<MediaState | null>(null);
  const publisher = useRef<Publisher>(undefined);
  const latest = useRef(preview);
  latest.current = preview;

  useEffect(
    () => () => {
      publisher.current?.close();
      stopAll(latest.current);
    },
    [],
  );

  async function show(source: Source, { cameraId, microphoneId }: { cameraId?: string; microphoneId?: string } = {}) {
    setFailed(false);
    try {
      const video = { ...wantedVideo, ...(cameraId ? { deviceId: { exact: cameraId } } : {}) };
      const audio = { ...wantedAudio, ...(microphoneId ? { deviceId: { exact: microphoneId } } : {}) };
      const stream =
        source === 'camera'
          ? await navigator.mediaDevices.getUserMedia({ video, audio })
          : await navigator.mediaDevices.getDisplayMedia({ video: wantedVideo, audio: true });
      for (const track of stream.getTracks()) await publisher.current?.replaceTrack(track);
      stopAll(latest.current);
      setPreview(stream);
      setDevices(await knownDevices());
    } catch {
      setFailed(true); // Refused by the person or not there: either way the page says what helps.
    }
  }

  function send(): void {
    const stream = latest.current;
    if (!stream || publisher.current) return;
    const created = createPublisher({ client, roomId, tracks: stream.getTracks() });
    created.on('state', (state) => {
      setSending(state);
      if (state.state === 'over') publisher.current = undefined;
    });
    publisher.current = created;
    setSending({ state: 'connecting' });
  }

  function stop(): void {
    publisher.current?.close();
    publisher.current = undefined;
    setSending(null);
    stopAll(latest.current);
    setPreview(null);
  }

  return { preview, devices, failed, sending, show, send, stop };
}

async function knownDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return {
    cameras: all.filter(({ kind }) => kind === 'videoinput'),
    microphones: all.filter(({ kind }) => kind === 'audioinput'),
  };
}

function stopAll(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
