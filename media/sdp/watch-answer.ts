import type { Consumer, RtpCapabilities, RtpCodecCapability, RtpCodecParameters } from 'mediasoup/types';
import type { RemoteSdp } from 'mediasoup-client/handlers/sdp/RemoteSdp';
import type { RtpParameters as ClientParameters } from 'mediasoup-client/types';
import { canConsume } from 'mediasoup/ortc';
import type { MediaDescription } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { dialectOf, type Dialect } from '../room/dialect.ts';
import { homeDialect } from '../room/legs.ts';
import type { Published } from '../room/room.ts';
import { sectionsFor, type Offer, type Section } from './offer.ts';

/** A section of a WHEP offer, and the stream it is going to carry. */
export type Seat = {
  section: Section & { type: MediaKind };
  stream: Published;
  codec: RtpCodecParameters;
  payloadType: number;
};

/**
 * Gives each receiving section of an offer a stream of its kind, in the order the publishers came.
 *
 * @throws AppError OFFER_REFUSED when the offer receives nothing, CONFLICT when nobody publishes, CODECS_REFUSED when the
 *         player can decode none of what is published.
 */
export function seatStreams(offer: Offer, streams: readonly Published[]): Seat[] {
  const sections = sectionsFor(offer, 'recvonly');
  if (sections.length === 0) throw new AppError('OFFER_REFUSED', 'The offer receives neither audio nor video.');
  if (streams.length === 0)
    throw new AppError('CONFLICT', 'Nobody publishes in this room now.', { retryAfterMs: 2_000 });
  const waiting = [...streams];
  const seats = sections.flatMap((section) => {
    const index = waiting.findIndex(({ kind }) => kind === section.type);
    const [stream] = index < 0 ? [] : waiting.splice(index, 1);
    const seat = stream && seatOf(offer, section, stream);
    return seat ? [seat] : [];
  });
  if (seats.length === 0) throw new AppError('CODECS_REFUSED', wrongCodecs(streams));
  return seats;
}

function seatOf(offer: Offer, section: Seat['section'], stream: Published): Seat | null {
  const consumable = stream.producer.consumableRtpParameters;
  const payloadTypes = new Set(section.rtp.map(({ payload }) => payload));
  const offered = offer.capabilities.codecs!.filter((codec) => payloadTypes.has(codec.preferredPayloadType));
  const match = offered.find((codec) => canConsume(consumable, capabilitiesOf([codec])));
  if (!match) return null;
  return { section, stream, codec: consumable.codecs[0]!, payloadType: match.preferredPayloadType };
}

const capabilitiesOf = (codecs: RtpCodecCapability[]): RtpCapabilities => ({
  codecs: structuredClone(codecs),
  headerExtensions: [],
});

const wrongCodecs = (streams: readonly Published[]): string => {
  const codecs = new Set(streams.map(({ producer }) => producer.rtpParameters.codecs[0]!.mimeType));
  return `This room sends ${[...codecs].join(' and ')}, which the offer does not have.`;
};

/** The router dialect that serves these seats: home where its numbers are the player's, else one of their own. */
export function dialectFor(seats: readonly Seat[]): Dialect {
  const fitsHome = seats.every(({ codec, payloadType }) => codec.payloadType === payloadType);
  return fitsHome ? homeDialect : dialectOf(seats);
}

/**
 * What a WHEP player can take: all it offered, but no RTX, whose payload type mediasoup would choose itself. Lost packets
 * are sent again on the stream itself, which RFC 4585 allows and every client understands.
 */
export function watchCapabilities(offer: Offer): RtpCapabilities {
  const codecs = offer.capabilities.codecs!.filter(({ mimeType }) => !/\/(rtx|red|ulpfec|flexfec-03)$/i.test(mimeType));
  return structuredClone({ ...offer.capabilities, codecs });
}

/** Writes a seat into the answer. */
export function answerSeat(remoteSdp: RemoteSdp, { section, stream }: Seat, consumer: Consumer): void {
  remoteSdp.receive({
    mid: section.mid,
    kind: section.type,
    offerRtpParameters: consumer.rtpParameters as ClientParameters,
    // One stream per publisher, so that players keep sound and picture in step.
    streamId: stream.ownerId,
    trackId: `${stream.ownerId}-${section.mid}`,
  });
}

/**
 * mediasoup-client writes offers here; this makes an answer of one. The SSRC is left out on purpose: it changes when the
 * publisher takes over from another device, and a player that was told none takes whatever comes with the payload type.
 */
export const asAnswer = (offer: Offer) => (accepted: MediaDescription, offered: Section) => {
  const { ssrcs: _ssrcs, ssrcGroups: _groups, extmapAllowMixed, ...section } = accepted;
  return {
    ...section,
    protocol: offered.protocol,
    setup: offer.dtlsParameters.role === 'client' ? 'passive' : 'active',
    ...(extmapAllowMixed && offered.extmapAllowMixed ? { extmapAllowMixed } : {}),
  };
};
