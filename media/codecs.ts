import { generateRouterRtpCapabilities } from 'mediasoup/ortc';
import type { RouterRtpCodecCapability, RtpCapabilities } from 'mediasoup/types';

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
 * The payload types are those of Chromium's own offers, so that most WHEP players can be answered from a room's first
 * router: mediasoup sends each codec under the router's number, whatever the player offered (see room/dialect.ts). In this
 * order none of them collides with the numbers that mediasoup gives to RTX by itself, from 100 upwards.
 */
export const homeCodecs: readonly RouterRtpCodecCapability[] = [
  opus(111),
  video('video/VP8', 96),
  video('video/VP9', 98, { 'profile-id': 0 }),
  h264(102, '42001f'),
  h264(108, '42e01f'), // Constrained baseline: what every browser has.
  h264(116, '4d001f'),
  h264(127, '64001f'),
];

/** What the first router of every room can do; it can be told before the room has one. */
export const homeCapabilities: RtpCapabilities = generateRouterRtpCapabilities(structuredClone([...homeCodecs]));
