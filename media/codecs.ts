import { generateRouterRtpCapabilities } from 'mediasoup/ortc';
import type { RouterRtpCodecCapability, RtpCapabilities, RtpCodecCapability } from 'mediasoup/types';
import { isFiller, steeringRtx, type NumberedCodec } from './rtx-numbers.ts';

const opus = (payloadType: number): RouterRtpCodecCapability => ({
  kind: 'audio',
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
  preferredPayloadType: payloadType,
  parameters: { useinbandfec: 1, usedtx: 1 },
});

const video = (
  mimeType: 'video/VP8' | 'video/VP9' | 'video/H264',
  payloadType: number,
  parameters: Record<string, string | number> = {},
): RouterRtpCodecCapability => ({
  kind: 'video',
  mimeType,
  clockRate: 90_000,
  preferredPayloadType: payloadType,
  parameters,
});

const h264 = (payloadType: number, profileLevelId: string): RouterRtpCodecCapability =>
  video('video/H264', payloadType, {
    'packetization-mode': 1,
    'level-asymmetry-allowed': 1,
    'profile-level-id': profileLevelId,
  });

/**
 * What we take from publishers, in our order of preference.
 *
 * The payload types are those of Chromium's own offers, also for what is sent again, so that most WHEP players can be answered
 * from a room's first router: mediasoup sends each codec under the router's number, whatever the player offered (see
 * room/dialect.ts).
 */
const preferred: readonly NumberedCodec[] = [
  { codec: opus(111), rtx: null },
  { codec: video('video/VP8', 96), rtx: 97 },
  { codec: video('video/VP9', 98, { 'profile-id': 0 }), rtx: 99 },
  { codec: h264(102, '42001f'), rtx: 103 },
  { codec: h264(108, '42e01f'), rtx: 109 }, // Constrained baseline: what every browser has.
  { codec: h264(116, '4d001f'), rtx: 117 },
  { codec: h264(127, '64001f'), rtx: 100 },
];

/** The codecs of the first router of every room. */
export const homeCodecs: readonly RouterRtpCodecCapability[] = steeringRtx(preferred);

/** What that router can do; it can be told before the room has one. */
export const homeCapabilities: RtpCapabilities = inOurOrder(
  generateRouterRtpCapabilities(structuredClone([...homeCodecs])),
);

/** Without the fillers; clients that have no preference of their own take the first they know. */
function inOurOrder({ codecs = [], ...others }: RtpCapabilities): RtpCapabilities {
  const order = preferred.flatMap(({ codec, rtx }) => [codec.preferredPayloadType, rtx]);
  const placeOf = ({ preferredPayloadType }: RtpCodecCapability): number => order.indexOf(preferredPayloadType);
  const known = codecs.filter((codec) => !isFiller(codec));
  return { ...others, codecs: known.toSorted((one, other) => placeOf(one) - placeOf(other)) };
}
