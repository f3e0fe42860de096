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
/** Of a line, well above what is sent: the longest that are seen list the codecs of a section, or the parameter sets of H.264. */
const lineCharsMax = 1_024;
/** As where pages tell it. */
const midCharsMax = 32;
const payloadTypeMax = 127;

/** Before it is read: what is said in it is told to everybody who watches. @throws AppError OFFER_REFUSED naming the line */
export function boundText(text: string): void {
  if (/[^\P{Cc}\r\n]/u.test(text)) throw new AppError('OFFER_REFUSED', 'The offer has control characters.');
  const long = text.split(/\r?\n|\r/).find((line) => line.length > lineCharsMax);
  if (long !== undefined)
    throw new AppError(
      'OFFER_REFUSED',
      `At most ${lineCharsMax} characters in a line; one begins with ${long.slice(0, 20)}`,
    );
}

/** Before anything is made of a section. @throws AppError OFFER_REFUSED naming what is too much */
export function boundSection(section: MediaDescription): void {
  for (const name of Object.keys(attributes) as (keyof typeof attributes)[])
    if ((section[name]?.length ?? 0) > perSectionMax[name]) refuse(perSectionMax[name], `${attributes[name]} lines`);
  if (!section.rtp.every(({ payload }) => Number.isInteger(payload) && payload <= payloadTypeMax))
    throw new AppError('OFFER_REFUSED', `Payload types are whole numbers from 0 to ${payloadTypeMax}.`);
  if ((section.mid ?? '').length > midCharsMax) refuse(midCharsMax, 'characters in an a=mid');
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
