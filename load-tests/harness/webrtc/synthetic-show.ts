import { randomBytes } from 'node:crypto';

/** A camera and a microphone as packets: VP8 by its headers, noise inside. Servers forward it; nobody could decode it. */
export type SyntheticShow = {
  start(): void;
  stop(): void;
  /** The next frame is a key frame. */
  askForKeyFrame(): void;
  /** RTP packets sent so far, of one stream or of both. */
  sent(kind?: 'audio' | 'video'): number;
  close(): void;
};

export type ShowNumbers = { audioPayloadType: number; videoPayloadType: number };
export const showSsrc = { audio: 1_111_111, video: 2_222_222 } as const;
type Needs = ShowNumbers & {
  send(kind: 'audio' | 'video', packet: Buffer, rollovers: number): void;
};

/** 30 frames of 4 packets and 50 voice packets a second: about 1.1 Mbit/s in 170 packets. */
const framesPerSecond = 30;
const packetsPerFrame = 4;
const videoPayloadBytes = 1_100;
const audioEveryMs = 20;
const audioPayloadBytes = 80;
const keyFrameBytesFactor = 4;

export const packetsPerSecond = framesPerSecond * packetsPerFrame + 1_000 / audioEveryMs;

export function createSyntheticShow({ send, audioPayloadType, videoPayloadType }: Needs): SyntheticShow {
  const noise = randomBytes(videoPayloadBytes);
  const audio = createRtpStream(showSsrc.audio, audioPayloadType);
  const video = createRtpStream(showSsrc.video, videoPayloadType);
  let keyFrameWanted = true;
  const sent = { audio: 0, video: 0 };
  let running: { audioTimer: NodeJS.Timeout; videoTimer: NodeJS.Timeout } | null = null;

  return {
    start(): void {
      running ??= { audioTimer: everyMs(audioEveryMs, speak), videoTimer: everyMs(1_000 / framesPerSecond, show) };
    },
    stop,
    askForKeyFrame: () => void (keyFrameWanted = true),
    sent: (kind) => (kind ? sent[kind] : sent.audio + sent.video),
    close: stop,
  };

  function stop(): void {
    clearInterval(running?.audioTimer);
    clearInterval(running?.videoTimer);
    running = null;
  }

  function speak(): void {
    const { packet, rollovers } = audio(noise.subarray(0, audioPayloadBytes), 960, true);
    sent.audio += 1;
    send('audio', packet, rollovers);
  }

  function show(): void {
    const isKey = keyFrameWanted;
    keyFrameWanted = false;
    const packets = isKey ? packetsPerFrame * keyFrameBytesFactor : packetsPerFrame;
    for (let i = 0; i < packets; i++) {
      const isLast = i === packets - 1;
      const { packet, rollovers } = video(
        vp8Payload(noise, isKey, i === 0),
        isLast ? 90_000 / framesPerSecond : 0,
        isLast,
      );
      sent.video += 1;
      send('video', packet, rollovers);
    }
  }
}

/** Payload descriptor (RFC 7741) and frame header: enough for a server to see where frames and key frames begin. */
export function vp8Payload(noise: Buffer, isKey: boolean, begins: boolean): Buffer {
  const payload = Buffer.from(noise);
  payload[0] = begins ? 0x10 : 0x00;
  if (begins) {
    payload[1] = isKey ? 0x10 : 0x11; // Bit 0: interframe. Shown.
    payload.set([0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01], 4); // Start code of a key frame, 640 × 360.
  }
  return payload;
}

/** Numbers packets; `ticks` is what time moves on by behind the packet. */
export function createRtpStream(ssrc: number, payloadType: number) {
  let sequence = 0;
  let rollovers = 0;
  let timestamp = 0;
  return function next(payload: Buffer, ticks: number, marker: boolean): { packet: Buffer; rollovers: number } {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | payloadType;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(ssrc, 8);
    const made = { packet: Buffer.concat([header, payload]), rollovers };
    sequence = (sequence + 1) & 0xffff;
    if (sequence === 0) rollovers += 1;
    timestamp = (timestamp + ticks) >>> 0;
    return made;
  };
}

/** Keeps to the mean rate: a timer that comes late is followed by as many as were missed. */
export function everyMs(intervalMs: number, act: () => void): NodeJS.Timeout {
  const startedMs = performance.now();
  let done = 0;
  return setInterval(() => {
    const due = Math.floor((performance.now() - startedMs) / intervalMs);
    for (; done < due; done++) act();
  }, intervalMs);
}
