import { parse, type MediaDescription } from 'sdp-transform';
import { fingerprint, newIce, type OwnIce, type Remote } from '../../harness/webrtc/raw-peer.ts';
import { showSsrc } from '../../harness/webrtc/synthetic-show.ts';

// What WHIP and WHEP clients say, as short as it can be: Opus and VP8 in Chromium's numbers, which a room's first router speaks.

export const payloadType = { audio: 111, video: 96 } as const;
const codecs = {
  audio: [`a=rtpmap:${payloadType.audio} opus/48000/2`, `a=fmtp:${payloadType.audio} minptime=10;useinbandfec=1`],
  video: [
    `a=rtpmap:${payloadType.video} VP8/90000`,
    `a=rtcp-fb:${payloadType.video} nack`,
    `a=rtcp-fb:${payloadType.video} nack pli`,
    `a=rtcp-fb:${payloadType.video} ccm fir`,
  ],
} as const;

export type OwnSide = { ice: OwnIce; sdp: string };

export function offerTo(direction: 'sendonly' | 'recvonly'): OwnSide {
  const ice = newIce();
  const sections = (['audio', 'video'] as const).flatMap((kind, mid) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType[kind]}`,
    'c=IN IP4 0.0.0.0',
    ...transportLines(ice, 'actpass'),
    `a=mid:${mid}`,
    `a=${direction}`,
    ...codecs[kind],
    ...(direction === 'sendonly' ? [`a=ssrc:${showSsrc[kind]} cname:load`] : []),
  ]);
  return { ice, sdp: descriptionOf(['0', '1'], sections) };
}

/** Takes every section of an offer that sends, waits to be asked, and will then open the handshake. */
export function answerTo(offer: string, own: { address: string; port: number }): OwnSide {
  const ice = { ...newIce(), lite: true };
  const { media } = parse(offer);
  const sections = media.flatMap(({ type, payloads, mid, rtp }) => [
    `m=${type} 9 UDP/TLS/RTP/SAVPF ${payloads ?? ''}`,
    'c=IN IP4 0.0.0.0',
    ...transportLines(ice, 'active'),
    `a=mid:${mid ?? ''}`,
    'a=recvonly',
    `a=candidate:1 1 udp 2015363327 ${own.address} ${own.port} typ host`,
    'a=end-of-candidates',
    ...rtp.map(
      ({ payload, codec, rate, encoding }) =>
        `a=rtpmap:${payload} ${codec}/${rate ?? 90_000}${encoding ? `/${encoding}` : ''}`,
    ),
  ]);
  const mids = media.map(({ mid }) => String(mid));
  return { ice, sdp: descriptionOf(mids, ['a=ice-lite', ...sections]) };
}

/** Where the server's side of an exchange says that it waits. */
export function remoteIn(sdp: string): Remote {
  const description = parse(sdp);
  const section = description.media.find(({ candidates }) => candidates?.length)!;
  const candidate = udpCandidate(section);
  return {
    address: candidate.ip,
    port: candidate.port,
    ufrag: (section.iceUfrag ?? description.iceUfrag)!,
    password: (section.icePwd ?? description.icePwd)!,
  };
}

const udpCandidate = ({ candidates = [] }: MediaDescription) =>
  candidates.find(({ transport, type }) => transport.toLowerCase() === 'udp' && type === 'host')!;

const transportLines = ({ ufrag, password }: OwnIce, setup: string): string[] => [
  `a=ice-ufrag:${ufrag}`,
  `a=ice-pwd:${password}`,
  `a=fingerprint:sha-256 ${fingerprint}`,
  `a=setup:${setup}`,
  'a=rtcp-mux',
  'a=rtcp-rsize',
];

const descriptionOf = (mids: string[], sections: string[]): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic:WMS *',
    ...sections,
    '',
  ].join('\r\n');
