import { extractRtpCapabilities } from 'mediasoup-client/handlers/sdp/commonUtils';
import type { DtlsParameters, FingerprintAlgorithm, RtpCapabilities } from 'mediasoup/types';
import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import { isFingerprint, type MediaKind } from '../../shared/protocol/media.ts';
import { iceNamesIn } from './ice-names.ts';
import { boundSection, boundText, withKnownFeedback } from './offer-bounds.ts';

export type Section = MediaDescription & { type: string; mid: string };

/** An SDP offer of a WHIP or WHEP client, with what everybody asks of it looked up. */
export type Offer = {
  sdp: SessionDescription;
  sections: Section[];
  capabilities: RtpCapabilities;
  /** From the client's side: `client` when it will open the handshake. */
  dtlsParameters: DtlsParameters;
  iceUfrag: string;
};

/** m= sections of an offer, at the most. */
const sectionsMax = 16;

/** @throws AppError BAD_INPUT when it is not SDP, OFFER_REFUSED naming what is missing or too much. */
export function readOffer(text: string): Offer {
  if (!/^v=0\r?\n/.test(text)) throw new AppError('BAD_INPUT', 'The body is not an SDP offer.');
  boundText(text);
  const sdp = parse(text);
  const sections = sdp.media.map((media, index) => ({ ...media, mid: String(media.mid ?? index) }));
  const first = sections.find(isOpen);
  if (!first) refuse('an m= section');
  if (sections.length > sectionsMax) throw new AppError('OFFER_REFUSED', `At most ${sectionsMax} m= sections.`);
  for (const section of sections) boundSection(section);
  if (sections.length > 1 && !sdp.groups?.some(({ type }) => type === 'BUNDLE')) refuse('a=group:BUNDLE');
  const mids = sections.filter(isOpen).map(({ mid }) => mid);
  if (new Set(mids).size < mids.length)
    throw new AppError('OFFER_REFUSED', 'Two m= sections of the offer have the same a=mid.');
  if (!sections.some(({ rtcpMux }) => rtcpMux)) refuse('a=rtcp-mux');
  const { ufrag, password } = iceNamesIn([first, sdp]);
  if (!ufrag || !password) refuse('a=ice-ufrag and a=ice-pwd');
  return {
    sdp,
    sections,
    capabilities: withKnownFeedback(extractRtpCapabilities({ sdpObject: sdp })),
    dtlsParameters: dtlsOf(sdp, first),
    iceUfrag: ufrag,
  };
}

/** Sections of a kind that go one way; `sendrecv` counts for both. */
export function sectionsFor(offer: Offer, direction: 'sendonly' | 'recvonly'): (Section & { type: MediaKind })[] {
  return offer.sections.filter((section): section is Section & { type: MediaKind } => {
    const isMedia = section.type === 'audio' || section.type === 'video';
    const asked = section.direction ?? offer.sdp.direction ?? 'sendrecv';
    return isMedia && isOpen(section) && (asked === direction || asked === 'sendrecv');
  });
}

/** Port 0 closes a section, but for one that only a bundle opens (RFC 8843, 6). */
const isOpen = ({ port, bundleOnly }: Section): boolean => port !== 0 || bundleOnly !== undefined;

function dtlsOf(sdp: SessionDescription, first: Section): DtlsParameters {
  const fingerprint = sdp.fingerprint ?? first.fingerprint;
  const setup = sdp.setup ?? first.setup;
  if (!fingerprint) refuse('a=fingerprint');
  if (!setup) refuse('a=setup');
  const { type: algorithm, hash: value } = fingerprint;
  if (!isFingerprint({ algorithm, value })) refuse('a well-formed a=fingerprint');
  const fingerprints = [{ algorithm: algorithm as FingerprintAlgorithm, value }];
  // Whoever leaves the choice to us opens the handshake: it knows the way here, we don't know the way there yet.
  return { role: setup === 'passive' ? 'server' : 'client', fingerprints };
}

function refuse(missing: string): never {
  throw new AppError('OFFER_REFUSED', `The offer lacks ${missing}.`);
}
