import type { DtlsParameters, WebRtcTransport } from 'mediasoup/types';
import { RemoteSdp } from 'mediasoup-client/handlers/sdp/RemoteSdp';
import { parse, write, type MediaDescription } from 'sdp-transform';
import type { Offer, Section } from './offer.ts';

/** mediasoup-client's own writer of the server's side of an SDP exchange, set up for this transport. */
export function remoteSdpOf(transport: WebRtcTransport, clientDtls: DtlsParameters): RemoteSdp {
  return new RemoteSdp({
    iceParameters: transport.iceParameters,
    iceCandidates: transport.iceCandidates,
    dtlsParameters: {
      role: clientDtls.role === 'client' ? 'server' : 'client',
      // The last one is taken; SHA-256 is what every client knows.
      fingerprints: transport.dtlsParameters.fingerprints.filter(({ algorithm }) => algorithm === 'sha-256'),
    },
  });
}

/**
 * The answer as text: the accepted sections, in the order of the offer, and a refusal for each other one.
 *
 * @param accepted  what was written to `remoteSdp`, changed by `adapt` where its form does not fit an answer.
 */
export function writeAnswer(
  offer: Offer,
  remoteSdp: RemoteSdp,
  adapt: (accepted: MediaDescription, offered: Section) => MediaDescription = (accepted) => accepted,
): string {
  const answer = parse(remoteSdp.getSdp());
  const byMid = new Map(answer.media.map((media) => [String(media.mid), media]));
  const media = offer.sections.map((offered) => {
    const accepted = byMid.get(offered.mid);
    return accepted ? adapt(accepted, offered) : refusalOf(offered);
  });
  return write({ ...answer, name: '-', media });
}

/** Port 0 refuses a section; its formats are repeated because the grammar wants some. */
function refusalOf({ type, mid, protocol, payloads }: Section): MediaDescription {
  return { type, mid, protocol, payloads: payloads ?? '0', port: 0, direction: 'inactive', rtp: [], fmtp: [] };
}
