import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MediaState } from '../../shared/client/media-session.ts';
import { createPublisher, type Publisher } from '../../shared/client/publisher.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { useRoom } from '../room/room-context.ts';

export type Source = 'camera' | 'screen';
export type Devices = { cameras: readonly MediaDeviceInfo[]; microphones: readonly MediaDeviceInfo[] };
export type ChosenDevices = { cameraId?: string; microphoneId?: string };
export type OnAirState = ReturnType<typeof useOnAir>;

const wantedVideo = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const wantedAudio = { echoCancellation: true, noiseSuppression: true };

/** One's own picture: what the camera or the screen gives, and whether it is being sent. */
export function useOnAir() {
  const { client, roomId } = useRoom();
  const [preview, setPreview] = useState<MediaStream | null>(null);
  const [devices, setDevices] = useState<Devices>({ cameras: [], microphones: [] });
  const [failed, setFailed] = useState(false);
  const [sending, setSending] = useState<MediaState | null>(null);
  const [off, setOff] = useState<readonly MediaKind[]>([]);
  const publisher = useRef<Publisher>(undefined);
  const bitsPerSecond = useBitRate(publisher, sending?.state === 'connected');
  const latest = useRef<MediaStream | null>(null);
  /** Raised by every choice, and by leaving: what the browser gives to an older one is not wanted any more. */
  const attempt = useRef(0);

  useEffect(() => stop, []);

  async function show(source: Source, chosen: ChosenDevices = {}): Promise<void> {
    const mine = ++attempt.current;
    const isStale = () => mine !== attempt.current;
    setFailed(false);
    // Refused by the person or not there: either way the page says what helps.
    const stream = await streamOf(source, chosen).catch(() => null);
    if (isStale()) return stopAll(stream);
    if (!stream) return setFailed(true);
    for (const track of stream.getTracks()) await publisher.current?.replaceTrack(track);
    if (isStale()) return stopAll(stream);
    stopAll(latest.current);
    // The person stopped sharing in the browser's own bar, or pulled the camera out.
    stream.getVideoTracks()[0]?.addEventListener('ended', () => latest.current === stream && stop());
    latest.current = stream;
    setPreview(stream);
    setDevices(await knownDevices());
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
    setOff([]);
    setSending({ state: 'connecting' });
  }

  function turn(kind: MediaKind, isOn: boolean): void {
    publisher.current?.setEnabled(kind, isOn);
    setOff((before) => (isOn ? before.filter((one) => one !== kind) : [...before, kind]));
  }

  function stop(): void {
    publisher.current?.close();
    publisher.current = undefined;
    setSending(null);
    release();
  }

  /** Camera and microphone off. Why nothing is sent any more stays known. */
  function release(): void {
    attempt.current += 1;
    stopAll(latest.current);
    latest.current = null;
    setPreview(null);
  }

  const isSending = sending !== null && sending.state !== 'over';
  /** There is a picture, and no microphone to it. */
  const isSilent = preview?.getAudioTracks().length === 0;
  return {
    preview,
    isSilent,
    devices,
    failed,
    sending,
    isSending,
    off,
    bitsPerSecond,
    show,
    send,
    turn,
    stop,
    release,
  };
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

/** Rejects when the person refuses, or there is no such device. */
async function streamOf(source: Source, { cameraId, microphoneId }: ChosenDevices): Promise<MediaStream> {
  const video = { ...wantedVideo, ...(cameraId ? { deviceId: { exact: cameraId } } : {}) };
  const audio = { ...wantedAudio, ...(microphoneId ? { deviceId: { exact: microphoneId } } : {}) };
  if (source === 'screen') return screenWithVoice(audio);
  // Asked for together, so that the person is asked once.
  return navigator.mediaDevices.getUserMedia({ video, audio }).catch(async (error: unknown) => {
    if (!(await isOfMicrophone(error))) throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  });
}

/** It is not there, in use elsewhere, or refused by itself. Asking again after both were refused would only bother the person. */
async function isOfMicrophone(error: unknown): Promise<boolean> {
  if (!(error instanceof DOMException)) return false;
  if (error.name !== 'NotAllowedError') return ['NotFoundError', 'NotReadableError'].includes(error.name);
  const [microphone, camera] = await Promise.all([permissionOf('microphone'), permissionOf('camera')]);
  return microphone === 'denied' && camera !== 'denied';
}

/** Not every browser tells. */
const permissionOf = (device: string): Promise<PermissionState> =>
  navigator.permissions.query({ name: device as PermissionName }).then(
    ({ state }) => state,
    () => 'prompt',
  );

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
