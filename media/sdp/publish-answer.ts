import type { RtpEncodingParameters, RtpParameters } from 'mediasoup/types';
import { getCname } from 'mediasoup-client/handlers/sdp/commonUtils';
import { getRtpEncodings } from 'mediasoup-client/handlers/sdp/unifiedPlanUtils';
import * as ortc from 'mediasoup-client/ortc';
import type { RtpCapabilities as ClientCapabilities, RtpParameters as ClientParameters } from 'mediasoup-client/types';
import type { RemoteSdp } from 'mediasoup-client/handlers/sdp/RemoteSdp';
import { parseSimulcastStreamList } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import { problemText, wordsFor } from '../../shared/parse-input.ts';
import { mediaLimits, PublishedRtpParameters, type MediaKind } from '../../shared/protocol/media.ts';
import { homeCapabilities } from '../codecs.ts';
import { sectionsFor, type Offer, type Section } from './offer.ts';

/** One stream a WHIP client is going to send, as mediasoup takes it, and how that is said in the answer. */
export type OfferedStream = {
  kind: MediaKind;
  section: Section;
  rtpParameters: RtpParameters;
  answerTo(remoteSdp: RemoteSdp): void;
};

/**
 * What of an offer we take, done the way mediasoup-client does it in a browser: both sides' capabilities are matched, and
 * the first codec they share is used alone.
 *
 * @throws AppError CODECS_REFUSED when a section has no codec we know, OFFER_REFUSED when there is nothing to receive, or what viewers
 *         can't be told.
 */
export function offeredStreams(offer: Offer): OfferedStream[] {
  const sections = sectionsFor(offer, 'sendonly');
  if (sections.length === 0) throw new AppError('OFFER_REFUSED', 'The offer sends neither audio nor video.');
  // RFC 9725, 4.4.3: all of it or nothing. An encoder can't be told that some of what it sends goes nowhere.
  if (sections.length > mediaLimits.producersPerSessionMax) {
    throw new AppError(
      'OFFER_REFUSED',
      `At most ${mediaLimits.producersPerSessionMax} streams are taken from one publisher.`,
    );
  }
  return sections.map((section) => streamOf(offer, section));
}

function streamOf(offer: Offer, section: Section & { type: MediaKind }): OfferedStream {
  const kind = section.type;
  const matched = ortc.getExtendedRtpCapabilities(
    clientCapabilities(offer, section),
    homeCapabilities as ClientCapabilities,
    true,
  );
  const [sending, answering] = [
    ortc.getSendingRtpParameters(kind, matched),
    ortc.getSendingRemoteRtpParameters(kind, matched),
  ];
  if (sending.codecs.length === 0) {
    throw new AppError('CODECS_REFUSED', `No ${kind} codec of the offer is known here: offer Opus, VP8, VP9 or H.264.`);
  }
  sending.codecs = ortc.reduceCodecs(sending.codecs);
  answering.codecs = ortc.reduceCodecs(answering.codecs);
  sending.mid = section.mid;
  sending.rtcp = { cname: getCname({ offerMediaObject: section }), reducedSize: Boolean(section.rtcpRsize) };
  sending.encodings = encodingsOf(section, sending);
  refuseUnfit(sending);
  return {
    kind,
    section,
    rtpParameters: sending,
    answerTo: (remoteSdp) =>
      remoteSdp.send({
        offerMediaObject: section,
        offerRtpParameters: sending,
        answerRtpParameters: answering,
        codecOptions: kind === 'audio' ? { opusDtx: true, opusFec: true } : {},
      }),
  };
}

/** What pages may not publish either. */
function refuseUnfit(sending: ClientParameters): void {
  const { error } = PublishedRtpParameters.safeParse(sending, { error: wordsFor });
  if (error) throw new AppError('OFFER_REFUSED', `The offer can't be taken: ${problemText(error)}.`);
}

/** Of this section alone: two sections may use a payload type for different things when they are not bundled. */
function clientCapabilities({ capabilities }: Offer, section: Section): ClientCapabilities {
  const payloadTypes = new Set(section.rtp.map(({ payload }) => payload));
  const codecs = capabilities.codecs!.filter(({ preferredPayloadType }) => payloadTypes.has(preferredPayloadType));
  return structuredClone({ ...capabilities, codecs }) as ClientCapabilities;
}

/**
 * No offer tells in how many temporal layers a picture will come. Chromium sends three where it sends several pictures; a consumer of fewer
 * than there are drops the pictures above, and where there are fewer none is missing.
 */
const simulcastLayer = 'L1T3';

function encodingsOf(section: Section, { codecs }: ClientParameters): RtpEncodingParameters[] {
  const isSimulcast = section.type === 'video' && section.simulcast?.dir1 === 'send';
  const rids = isSimulcast ? ridsOf(section.simulcast!.list1) : [];
  if (rids.length > 1) return rids.map((rid) => ({ rid, scalabilityMode: simulcastLayer }));
  // Without announced SSRCs the packets are known by their MID.
  if (!section.ssrcs?.length) return [{}];
  return getRtpEncodings({ offerMediaObject: section, codecs }).slice(0, 1);
}

/** Names of the simulcast layers, the smallest picture first, as mediasoup wants them. */
export function ridsOf(list: string): string[] {
  const rids = parseSimulcastStreamList(list).flatMap((alternatives) =>
    alternatives.slice(0, 1).map(({ scid }) => String(scid)),
  );
  return startsWithLargest(rids) ? rids.reverse() : rids;
}

/** SDP does not say which layer is the largest; these names do. Anything else is taken to begin with the smallest. */
function startsWithLargest([first = '', ...others]: string[]): boolean {
  const largest = /^(h|hi|high|f|full|large)$/i.test(first);
  const numbered = first === '0' && others.every((rid, index) => rid === String(index + 1)); // OBS: 0 is the full picture.
  return largest || numbered;
}
