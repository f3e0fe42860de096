import { randomBytes } from 'node:crypto';
import { asksForKeyFrame } from '../../../load-tests/harness/webrtc/raw-sessions.ts';
import {
  connectRawPeer,
  senderProfiles,
  type OwnIce,
  type Remote,
} from '../../../load-tests/harness/webrtc/raw-peer.ts';
import { createSrtcpReader, createSrtcpSender, createSrtpSender } from '../../../load-tests/harness/webrtc/srtp.ts';
import { createRtpStream, everyMs, vp8Payload } from '../../../load-tests/harness/webrtc/synthetic-show.ts';

/** The layers of one picture, the smallest first: 80, 180 and 270 kbit/s, a packet for each frame. */
export const showLayers = [
  { ssrc: 3_333_331, payloadBytes: 300 },
  { ssrc: 3_333_332, payloadBytes: 700 },
  { ssrc: 3_333_333, payloadBytes: 1_100 },
] as const;
/** Of an RTP packet with so many bytes behind its header, whatever was added to it on the way. */
export const layerOf = (bytes: number): number => showLayers.findLastIndex(({ payloadBytes }) => bytes >= payloadBytes);

const framesPerSecond = 30;
const ticksPerFrame = 90_000 / framesPerSecond;
const reportEveryMs = 100;
/** From 1900, of which NTP counts, to 1970. */
const ntpOffsetSeconds = 2_208_988_800;

/** Somebody who sends a picture in three layers, as packets of VP8 by their headers and with noise inside. `lose`: which share is lost on the way. */
export async function publishLayers(
  remote: Remote,
  ice: OwnIce,
  payloadType: number,
): Promise<{ lose(share: number): void; close(): void }> {
  const peer = await connectRawPeer(remote, { ice, srtpProfiles: senderProfiles });
  const protect = createSrtpSender(peer.keying.client);
  const protectReport = createSrtcpSender(peer.keying.client);
  const readReport = createSrtcpReader(peer.keying.server);
  const layers = showLayers.map((layer) => ({
    ...layer,
    noise: randomBytes(layer.payloadBytes),
    next: createRtpStream(layer.ssrc, payloadType),
  }));
  let frames = 0;
  let isKeyWanted = true;
  let lostShare = 0;
  /** Of each packet, how much of one is lost by now. */
  let lost = 0;
  peer.onPacket((packet) => (isKeyWanted ||= asksForKeyFrame(readReport(packet))));
  const showing = everyMs(1_000 / framesPerSecond, show);
  const reporting = setInterval(report, reportEveryMs);
  return {
    lose: (share) => void (lostShare = share),
    close() {
      clearInterval(showing);
      clearInterval(reporting);
      peer.close();
    },
  };

  function show(): void {
    for (const { noise, next } of layers) {
      const { packet, rollovers } = next(vp8Payload(noise, isKeyWanted, true), ticksPerFrame, true);
      const whole = protect(packet, rollovers);
      lost += lostShare;
      if (lost < 1) peer.send(whole);
      else lost -= 1;
    }
    isKeyWanted = false;
    frames += 1;
  }

  /** Sender reports: by them the clocks of the layers are compared, without which none is switched to. */
  function report(): void {
    const nowMs = Date.now();
    for (const { ssrc } of layers) {
      const sent = Buffer.alloc(28);
      sent.set([0x80, 200]);
      sent.writeUInt16BE(sent.length / 4 - 1, 2);
      sent.writeUInt32BE(ssrc, 4);
      sent.writeUInt32BE(Math.floor(nowMs / 1_000) + ntpOffsetSeconds, 8);
      sent.writeUInt32BE(Math.floor(((nowMs % 1_000) / 1_000) * 2 ** 32), 12);
      sent.writeUInt32BE((frames * ticksPerFrame) >>> 0, 16);
      peer.send(protectReport(sent));
    }
  }
}
