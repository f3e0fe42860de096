import type { RtpCapabilities, RtpCodecCapability, RtpCodecParameters, RtpEncodingParameters } from 'mediasoup/types';
import type { RemoteSdp } from 'mediasoup-client/handlers/sdp/RemoteSdp';
import type { RtpParameters as ClientParameters } from 'mediasoup-client/types';
import { canConsume } from 'mediasoup/ortc';
import type { MediaDescription } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { homeCapabilities } from '../codecs.ts';
import { dialectOf, type Dialect } from '../room/dialect.ts';
import { homeDialect } from '../room/legs.ts';
import { codecsOf, type Published } from '../room/published.ts';
import { isRtx, rtxOf } from '../rtx-numbers.ts';
import { sectionsFor, type Offer, type Section } from './offer.ts';

/** A section of a WHEP offer, and the publisher whose stream of that kind it carries, now or as soon as there is one. */
export type Seat = {
  section: Section & { type: MediaKind };
  ownerId: string;
  /** What can come in it without another offer; the one that comes now, or is likely to, first. At least one. */
  codecs: [SeatCodec, ...SeatCodec[]];
};
/** A codec as it goes over the home router, and as the player offered it. */
type SeatCodec = {
  codec: RtpCodecParameters;
  offered: RtpCodecCapability;
  payloadType: number;
  /** As the player offered to get packets of it again, where that can be had: see decision 50. */
  rtx: RtpCodecCapability | null;
};

/**
 * Gives each receiving section of an offer a stream of its kind, in the order the publishers came. A section for which
 * there is none yet is kept for the first publisher: a camera often begins a moment after its microphone.
 *
 * @throws AppError OFFER_REFUSED when the offer receives nothing, CONFLICT when nobody publishes, CODECS_REFUSED when the
 *         player can decode none of what is published.
 */
export function seatStreams(offer: Offer, streams: readonly Published[]): Seat[] {
  const sections = sectionsFor(offer, 'recvonly');
  if (sections.length === 0) throw new AppError('OFFER_REFUSED', 'The offer receives neither audio nor video.');
  const [first] = streams;
  if (!first) throw nobodyPublishes();
  const waiting = [...streams];
  const kept = new Set(streams.map(({ kind }) => kind));
  const seats = sections.flatMap((section) => {
    const index = waiting.findIndex(({ kind }) => kind === section.type);
    const [stream] = index < 0 ? [] : waiting.splice(index, 1);
    if (stream) return seatOf(offer, section, stream.ownerId, codecsOf(stream));
    if (kept.has(section.type)) return [];
    kept.add(section.type);
    return seatOf(offer, section, first.ownerId, homeCodecsOf(section.type));
  });
  if (!streams.some(({ kind }) => seats.some(({ section }) => section.type === kind)))
    throw new AppError('CODECS_REFUSED', wrongCodecs(streams));
  return seats;
}

export const nobodyPublishes = (): AppError =>
  new AppError('CONFLICT', 'Nobody publishes in this room now.', { retryAfterMs: 2_000 });

/**
 * A seat for one of these codecs, if the offer has it. The other codecs they share come along: the publisher may come back
 * from OBS with another one, and the player need not ask again.
 */
function seatOf(
  offer: Offer,
  section: Seat['section'],
  ownerId: string,
  wanted: readonly RtpCodecParameters[],
): Seat[] {
  const shared = sharedCodecs(offer, section, [...wanted, ...homeCodecsOf(section.type)]);
  const first = shared.find(({ codec }) => wanted.includes(codec));
  return first ? [{ section, ownerId, codecs: [first, ...shared.filter((each) => each !== first)] }] : [];
}

/** In the order of the offer, each once. */
function sharedCodecs(offer: Offer, section: Seat['section'], known: RtpCodecParameters[]): SeatCodec[] {
  const payloadTypes = new Set(section.rtp.map(({ payload }) => payload));
  const shared = new Map<RtpCodecParameters, SeatCodec>();
  for (const offered of offer.capabilities.codecs ?? []) {
    const payloadType = offered.preferredPayloadType;
    if (!payloadTypes.has(payloadType)) continue;
    const codec = known.find((each) => isSame(each, offered));
    const rtx = commonRtx(offer, payloadType);
    if (codec && !shared.has(codec)) shared.set(codec, { codec, offered, payloadType, rtx });
  }
  return [...shared.values()];
}

/** Where a player and the home router have the same number for it. */
function commonRtx(offer: Offer, payloadType: number): RtpCodecCapability | null {
  const [theirs, ours] = [offer.capabilities, homeCapabilities].map((each) => rtxOf(each, payloadType));
  return theirs && theirs.preferredPayloadType === ours?.preferredPayloadType && findsRtx(offer) ? theirs : null;
}

/**
 * Whether a player takes RTX whose SSRC no answer names for that of its stream. The libwebrtc of today does; it is known by a parameter
 * of AV1 that older ones don't offer. Others throw such packets away, and wait for them: seen with Firefox 153.
 */
const findsRtx = ({ capabilities }: Offer): boolean =>
  (capabilities.codecs ?? []).some(({ mimeType, parameters }) => /\/av1$/i.test(mimeType) && parameters?.['level-idx']);

/** Whether the stream can come in this seat as it was answered. */
export const canCarry = (seat: Seat, stream: Published): boolean =>
  seat.section.type === stream.kind && codecFor(seat, stream) !== undefined;

const codecFor = ({ codecs }: Seat, stream: Published): SeatCodec | undefined =>
  codecs.find(({ offered }) => codecsOf(stream).some((codec) => isSame(codec, offered)));

/** The names first: what canConsume() changes and checks is copied for it. */
const isSame = (codec: RtpCodecParameters, offered: RtpCodecCapability): boolean =>
  !isRtx(codec) &&
  codec.mimeType.toLowerCase() === offered.mimeType.toLowerCase() &&
  codec.clockRate === offered.clockRate &&
  canConsume(
    { codecs: [structuredClone(codec)], encodings: [{}], headerExtensions: [] },
    { codecs: [structuredClone(offered)], headerExtensions: [] },
  );

const homeCodecsOf = (kind: MediaKind): RtpCodecParameters[] =>
  homeCapabilities
    .codecs!.filter((codec) => codec.kind === kind)
    .map(({ preferredPayloadType, ...codec }) => ({ ...codec, payloadType: preferredPayloadType }));

const wrongCodecs = (streams: readonly Published[]): string => {
  const codecs = new Set(streams.map(({ producer }) => producer.rtpParameters.codecs[0]!.mimeType));
  return `This room sends ${[...codecs].join(' and ')}, which the offer does not have.`;
};

/**
 * The router dialect that serves these seats, home where its numbers are the player's, else one of their own; and the seats with
 * those codecs that are to be had in it.
 */
export function settleDialect(seats: readonly Seat[]): { dialect: Dialect; seats: Seat[] } {
  const isAtHome = seats.every(({ codecs: [first] }) => hasHomeNumber(first));
  if (isAtHome) return { dialect: homeDialect, seats: withCodecs(seats, hasHomeNumber) };
  // What is to come now first: some numbers of a player can't be had together (see dialectOf).
  const dialect = dialectOf([...seats.map(({ codecs: [first] }) => first), ...seats.flatMap(({ codecs }) => codecs)]);
  const numbers = new Set(dialect.codecs.map(({ preferredPayloadType }) => preferredPayloadType));
  const spoken = withCodecs(seats, ({ payloadType }) => numbers.has(payloadType));
  return { dialect, seats: spoken.map(withoutRtx) };
}

const hasHomeNumber = ({ codec, payloadType }: SeatCodec): boolean => codec.payloadType === payloadType;

const withCodecs = (seats: readonly Seat[], fits: (codec: SeatCodec) => boolean): Seat[] =>
  seats.flatMap((seat) => {
    const [first, ...others] = seat.codecs.filter(fits);
    return first ? [{ ...seat, codecs: [first, ...others] }] : [];
  });

/** In a dialect mediasoup chooses the numbers of RTX. */
const withoutRtx = (seat: Seat): Seat => {
  const [first, ...others] = seat.codecs;
  return { ...seat, codecs: [{ ...first, rtx: null }, ...others.map((codec) => ({ ...codec, rtx: null }))] };
};

/**
 * What a player can take on a seat of this stream: the codecs of its answer, and RTX where the answer has it. `nack` stays also where
 * the answer lacks it: with it the worker remembers what it sent, and drops a packet that comes a second time.
 */
export function capabilitiesOf(offer: Offer, seat: Seat, stream: Published): RtpCapabilities {
  const rtx = codecFor(seat, stream)?.rtx;
  return structuredClone({
    codecs: [...seat.codecs.map(({ offered }) => offered), ...(rtx ? [rtx] : [])],
    headerExtensions: (offer.capabilities.headerExtensions ?? []).filter(isKept),
  });
}

/**
 * Not what bandwidth is estimated by. Most players have other numbers for it than mediasoup, and where one happens to have the same
 * (Firefox) the worker would wait for feedback that no answer here asks for. So there is one way for all of them: loss-ladder.ts.
 */
const isKept = ({ uri }: { uri: string }): boolean => !/transport-wide-cc|abs-send-time/.test(uri);

/**
 * Whether the answer has to name SSRCs: with two sections of a kind, browsers can tell by nothing else which packet is for which,
 * and throw all of them away.
 */
export const needSsrcs = (seats: readonly Seat[]): boolean =>
  new Set(seats.map(({ section }) => section.type)).size < seats.length;

/** mediasoup-client writes one for each stream; asAnswer() takes it out again. */
const anySsrc = 1;

/** Writes a seat into the answer. @param encoding of the stream that comes in it, where the answer names its SSRCs */
export function answerSeat(
  remoteSdp: RemoteSdp,
  offer: Offer,
  { section, ownerId, codecs }: Seat,
  encoding?: RtpEncodingParameters,
): void {
  remoteSdp.receive({
    mid: section.mid,
    kind: section.type,
    offerRtpParameters: {
      codecs: codecs.flatMap(answerCodec),
      headerExtensions: sharedExtensions(offer, section),
      encodings: [encoding ?? { ssrc: anySsrc }],
      rtcp: { cname: ownerId },
    } as ClientParameters,
    // One stream per publisher, so that players keep sound and picture in step.
    streamId: ownerId,
    trackId: `${ownerId}-${section.mid}`,
  });
}

/** A plain `nack` with RTX alone, as it should be; browsers send one anyway, see decision 50. */
function answerCodec({ codec, offered, payloadType, rtx }: SeatCodec): RtpCodecParameters[] {
  const { mimeType, clockRate, channels, parameters } = codec;
  const rtcpFeedback = (offered.rtcpFeedback ?? []).filter(
    ({ type, parameter }) => type === 'ccm' || (type === 'nack' && (parameter || rtx)),
  );
  const answered = {
    mimeType,
    clockRate,
    ...(channels === undefined ? {} : { channels }),
    ...(parameters === undefined ? {} : { parameters }),
    payloadType,
    rtcpFeedback,
  };
  if (!rtx) return [answered];
  return [answered, { ...rtx, parameters: { apt: payloadType }, payloadType: rtx.preferredPayloadType }];
}

/** Header extensions that have the same number here and there; mediasoup's numbers can't be changed. */
function sharedExtensions(offer: Offer, section: Seat['section']) {
  const ours = homeCapabilities.headerExtensions ?? [];
  return (section.ext ?? [])
    .filter(isKept)
    .filter(({ uri, value }) => ours.some((each) => each.uri === uri && each.preferredId === value))
    .filter(({ uri }) => offer.capabilities.headerExtensions?.some((each) => each.uri === uri))
    .map(({ uri, value }) => ({ uri, id: value }));
}

/**
 * mediasoup-client writes offers here; this makes an answer of one. The SSRC is left out where it can be: it changes when the
 * publisher takes over from another device, and a player that was told none takes whatever comes with the payload type.
 */
export const asAnswer = (offer: Offer) => (accepted: MediaDescription, offered: Section) => {
  const { ssrcs = [], ssrcGroups = [], extmapAllowMixed, ...section } = accepted;
  const named = ssrcs.filter(({ id }) => id !== anySsrc);
  return {
    ...section,
    ...(named.length > 0 ? { ssrcs: named, ssrcGroups } : {}),
    protocol: offered.protocol,
    setup: offer.dtlsParameters.role === 'client' ? 'passive' : 'active',
    ...(extmapAllowMixed && offered.extmapAllowMixed ? { extmapAllowMixed } : {}),
  };
};
