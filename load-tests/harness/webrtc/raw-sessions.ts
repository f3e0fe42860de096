import { createSrtcpReader, createSrtpSender } from './srtp.ts';
import { browserProfiles, connectRawPeer, senderProfiles, type OwnIce, type RawPeer, type Remote } from './raw-peer.ts';
import { createSyntheticShow, type ShowNumbers, type SyntheticShow } from './synthetic-show.ts';

/** Somebody who publishes the synthetic show over WebRTC, and counts how often a key frame is asked for. */
export type RawPublisher = SyntheticShow & { keyFrameRequests(): number };

export async function publishShow(remote: Remote, ice: OwnIce, numbers: ShowNumbers): Promise<RawPublisher> {
  const peer = await connectRawPeer(remote, { ice, srtpProfiles: senderProfiles });
  const protect = createSrtpSender(peer.keying.client);
  const readRtcp = createSrtcpReader(peer.keying.server);
  const show = createSyntheticShow({
    ...numbers,
    send: (_kind, packet, rollovers) => peer.send(protect(packet, rollovers)),
  });
  let keyFrameRequests = 0;
  peer.onPacket((packet) => {
    if (!asksForKeyFrame(readRtcp(packet))) return;
    keyFrameRequests += 1;
    show.askForKeyFrame();
  });
  return {
    ...show,
    keyFrameRequests: () => keyFrameRequests,
    close() {
      show.close();
      peer.close();
    },
  };
}

export const watchRaw = (remote: Remote, ice: OwnIce): Promise<RawPeer> =>
  connectRawPeer(remote, { ice, srtpProfiles: browserProfiles });

const payloadSpecificFeedback = 206;
const pictureLoss = 1;
const fullIntra = 4;

/** Looks through a compound RTCP packet (RFC 4585, RFC 5104). */
export function asksForKeyFrame(rtcp: Buffer): boolean {
  for (let at = 0; at + 4 <= rtcp.length; at += 4 * (rtcp.readUInt16BE(at + 2) + 1)) {
    const format = rtcp[at]! & 0x1f;
    if (rtcp[at + 1] === payloadSpecificFeedback && (format === pictureLoss || format === fullIntra)) return true;
  }
  return false;
}
