import type { RtpCapabilities } from 'mediasoup/types';
import type { MediaDescription } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import { homeCapabilities } from '../codecs.ts';

/**
 * What one m= section of an offer may have, well above what browsers and encoders send (Chromium 156: 41 codecs, 11 extensions).
 * Everything of it is compared with everything known here, in the process that may also sell and chat.
 */
const perSectionMax = { rtp: 64, fmtp: 64, ext: 32, ssrcs: 64 } as const;
const attributes = { rtp: 'a=rtpmap', fmtp: 'a=fmtp', ext: 'a=extmap', ssrcs: 'a=ssrc' } as const;
/** a=rtcp-fb lines for one payload type, or for all of them (`*`). */
const feedbackMax = 16;
/** Characters of the parameters of one codec. */
const fmtpCharsMax = 1_024;
const payloadTypeMax = 127;

/** Before anything is made of a section. @throws AppError OFFER_REFUSED naming what is too much */
export function boundSection(section: MediaDescription): void {
  for (const name of Object.keys(attributes) as (keyof typeof attributes)[])
    if ((section[name]?.length ?? 0) > perSectionMax[name]) refuse(perSectionMax[name], `${attributes[name]} lines`);
  if (!section.rtp.every(({ payload }) => Number.isInteger(payload) && payload <= payloadTypeMax))
    throw new AppError('OFFER_REFUSED', `Payload types are whole numbers from 0 to ${payloadTypeMax}.`);
  if (section.fmtp.some(({ config }) => config.length > fmtpCharsMax)) refuse(fmtpCharsMax, 'characters in an a=fmtp');
  const byPayload = Map.groupBy(section.rtcpFb ?? [], ({ payload }) => payload);
  for (const lines of byPayload.values())
    if (lines.length > feedbackMax) refuse(feedbackMax, 'a=rtcp-fb lines for one payload type');
}

function refuse(max: number, what: string): never {
  throw new AppError('OFFER_REFUSED', `At most ${max} ${what} in an m= section.`);
}

const feedbackName = ({ type, parameter }: { type: string; parameter?: string }): string =>
  `${type} ${parameter ?? ''}`;
const knownFeedback = new Set(
  homeCapabilities.codecs!.flatMap(({ rtcpFeedback }) => (rtcpFeedback ?? []).map(feedbackName)),
);

/** The same with the feedback the media server knows, each kind once per codec, however often the sections of an offer say it. */
export function withKnownFeedback(capabilities: RtpCapabilities): RtpCapabilities {
  const codecs = (capabilities.codecs ?? []).map((codec) => {
    const byName = new Map((codec.rtcpFeedback ?? []).map((feedback) => [feedbackName(feedback), feedback]));
    return { ...codec, rtcpFeedback: [...byName].flatMap(([name, each]) => (knownFeedback.has(name) ? [each] : [])) };
  });
  return { ...capabilities, codecs };
}
