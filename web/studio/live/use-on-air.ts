import type { RefObject } from 'preact';
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
  const bitsPerSecond = useBitRate(publisher, sending?.state === 'connected');
  const latest = useRef(preview);
  latest.current = preview;

  useEffect(
    () => () => {
      publisher.current?.close();
      stopAll(latest.current);
    },
    [],
  );

  const { mediaDevices } = navigator;

  async function show(source: Source, { cameraId, microphoneId }: { cameraId?: string; microphoneId?: string } = {}) {
    setFailed(false);
    try {
      const video = { ...wantedVideo, ...(cameraId ? { deviceId: { exact: cameraId } } : {}) };
      const audio = { ...wantedAudio, ...(microphoneId ? { deviceId: { exact: microphoneId } } : {}) };
      const stream =
        source === 'camera' ? await mediaDevices.getUserMedia({ video, audio }) : await screenWithVoice(audio);
      for (const track of stream.getTracks()) await publisher.current?.replaceTrack(track);
      stopAll(latest.current);
      // The person stopped sharing in the browser's own bar, or pulled the camera out.
      stream.getVideoTracks()[0]?.addEventListener('ended', () => latest.current === stream && stop());
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

  return { preview, devices, failed, sending, bitsPerSecond, show, send, stop };
}

/** The rate is looked at this often, ms. */
const rateEveryMs = 2_000;

/** How much is really being sent; 0 while nothing is. */
function useBitRate(publisher: RefObject<Publisher | undefined>, isSending: boolean): number {
  const [bits, setBits] = useState(0);
  useEffect(() => {
    if (!isSending) return setBits(0);
    let last: { bytes: number; atMs: number } | null = null;
    const timer = setInterval(() => {
      void publisher.current?.sentBytes().then((bytes) => {
        const atMs = performance.now();
        if (last && bytes >= last.bytes) setBits(((bytes - last.bytes) * 8_000) / (atMs - last.atMs));
        last = { bytes, atMs };
      });
    }, rateEveryMs);
    return () => clearInterval(timer);
  }, [isSending]);
  return bits;
}

/** The screen, and the microphone: a host who shows a page goes on talking. Without a microphone the screen is silent. */
async function screenWithVoice(audio: MediaTrackConstraints): Promise<MediaStream> {
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: wantedVideo, audio: false });
  const voice = await navigator.mediaDevices.getUserMedia({ audio }).catch(() => null);
  return new MediaStream([...screen.getVideoTracks(), ...(voice?.getAudioTracks() ?? [])]);
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
