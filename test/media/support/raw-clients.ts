import type { Sfu } from '../../../media/sfu.ts';
import { newId } from '../../../shared/ids.ts';
import type { MediaKind } from '../../../shared/protocol/media.ts';
import { fingerprint, newIce, type RawPeer, type Remote } from '../../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw } from '../../../load-tests/harness/webrtc/raw-sessions.ts';
import { eventually } from '../../support/eventually.ts';
import { payloadTypes, rtpCapabilities, rtpParametersOf } from '../../../load-tests/scenarios/media/bare-mediasoup.ts';
import { offerTo, payloadType, remoteIn } from '../../../load-tests/scenarios/media/raw-sdp.ts';

type Transport = Awaited<ReturnType<Sfu['open']>>;

/** As clients of the page give it: they open the handshake. */
export const dtlsParameters = {
  role: 'client' as const,
  fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
};

/** A publisher over the signalling of the page: connected, and sending nothing yet. */
export async function comeToPublish(sfu: Sfu, roomId: string, ownerId = newId()) {
  const where = { roomId, sessionId: newId() };
  const transport = await sfu.open({ ...where, ownerId, direction: 'publish' });
  await sfu.connect({ ...where, dtlsParameters });
  const show = await publishShow(remoteOf(transport), newIce(), payloadTypes);
  show.start();
  // The client has its handshake behind it; the server hears of it a moment later.
  await eventually(() => sfu.running()!.rooms.find(roomId)!.sessions().get(where.sessionId)!.connected);
  return {
    ...where,
    ownerId,
    /** From now on this kind goes out. @param ssrc another than that of the show: nothing comes over it */
    async produce(kind: MediaKind, ssrc?: number): Promise<string> {
      const rtpParameters = { ...rtpParametersOf[kind], ...(ssrc === undefined ? {} : { encodings: [{ ssrc }] }) };
      return (await sfu.produce({ ...where, kind, rtpParameters })).producerId;
    },
    /** Packets so far, of one kind or both. */
    sent: show.sent,
    fallSilent: () => show.stop(),
    sendOn: () => show.start(),
    close: () => show.close(),
  };
}

/** A WHEP player, connected. */
export async function comeToWatch(
  sfu: Sfu,
  roomId: string,
  change = (offer: string): string => offer,
  ownerId = newId(),
) {
  const where = { roomId, sessionId: newId() };
  const { sdp, ice } = offerTo('recvonly');
  const { answer } = await sfu.play({ ...where, ownerId, offer: change(sdp) });
  const peer = await watchRaw(remoteIn(answer), ice);
  const packets = { audio: 0, video: 0 };
  const numbers = new Set<string>();
  const sources = new Set<number>();
  /** `sources`: streams of the kinds that the show has; a stream that came by two ways would be two of them. */
  const media = { packets: 0, repeated: 0, sources: () => sources.size };
  peer.onPacket((packet) => {
    if (isRtcp(packet)) return;
    const number = packet.toString('hex', 8, 12) + packet.toString('hex', 2, 4); // SSRC and sequence number.
    media.packets += 1;
    if (numbers.has(number)) media.repeated += 1;
    numbers.add(number);
    const type = packet[1]! & 0x7f;
    if (type === payloadType.audio) packets.audio += 1;
    if (type === payloadType.video) packets.video += 1;
    if (type === payloadType.audio || type === payloadType.video) sources.add(packet.readUInt32BE(8));
  });
  return { ...where, ownerId, answer, packets, media, close: () => peer.close() };
}

/** A viewer over the signalling of the page, connected: their streams wait for their word. */
export async function comeAsPage(sfu: Sfu, roomId: string) {
  const where = { roomId, sessionId: newId() };
  const transport = await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
  await sfu.connect({ ...where, dtlsParameters });
  const remote = remoteOf(transport);
  const peer = await watchRaw(remote, newIce());
  const consume = async () => (await sfu.consume({ ...where, rtpCapabilities: rtpCapabilities as never })).consumers;
  const consumers = await consume();
  const resume = (which = consumers) =>
    sfu.resume({ ...where, consumerIds: which.map(({ consumerId }) => consumerId) });
  return { ...where, remote, peer, packets: counted(peer), consumers, consume, resume, close: () => peer.close() };
}

/** Packets of both kinds that come from now on. */
function counted(peer: RawPeer) {
  const packets = { audio: 0, video: 0 };
  peer.onPacket((packet) => {
    const type = isRtcp(packet) ? null : packet[1]! & 0x7f;
    if (type === payloadType.audio) packets.audio += 1;
    if (type === payloadType.video) packets.video += 1;
  });
  return packets;
}

/** RFC 5761: the types of RTCP, which share a port with RTP. */
const isRtcp = (packet: Buffer): boolean => packet[1]! >= 192 && packet[1]! <= 223;

export function remoteOf({ iceParameters, iceCandidates }: Transport): Remote {
  const { address, port } = iceCandidates.find(({ protocol }) => protocol === 'udp') as {
    address: string;
    port: number;
  };
  return { address, port, ufrag: iceParameters.usernameFragment, password: iceParameters.password };
}
