import type { WebRtcTransport } from 'mediasoup/types';
import { parse, write } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';
import { iceNamesIn } from './ice-names.ts';

/** The ICE user name of a trickle fragment (RFC 8840). @throws AppError BAD_INPUT when it or its password is missing, or no such. */
export function ufragOf(fragment: string): string {
  const parsed = parse(fragment);
  const { ufrag, password } = iceNamesIn([parsed, ...parsed.media]);
  if (!ufrag) throw new AppError('BAD_INPUT', 'The fragment needs an a=ice-ufrag of 4 to 256 ICE characters.');
  if (!password) throw new AppError('BAD_INPUT', 'The fragment needs an a=ice-pwd of 22 to 256 ICE characters.');
  return ufrag;
}

/** The section of an offer that carries the ICE session of all: the first one that was accepted. */
export type IceSection = { type: string; mid: string };

/** Our side of an ICE restart: new credentials, and the addresses we have always had. */
export function restartFragment({ iceParameters, iceCandidates }: WebRtcTransport, { type, mid }: IceSection): string {
  const candidates = iceCandidates.map(({ foundation, address, port, priority, protocol, type, tcpType }) => ({
    foundation,
    component: 1,
    transport: protocol,
    priority,
    ip: address,
    port,
    type,
    ...(tcpType ? { tcptype: tcpType } : {}),
  }));
  const whole = write({
    version: 0,
    origin: { username: '-', sessionId: 0, sessionVersion: 0, netType: 'IN', ipVer: 4, address: '0.0.0.0' },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    // Clients look for the credentials before the first section; RFC 8840 has them there.
    iceUfrag: iceParameters.usernameFragment,
    icePwd: iceParameters.password,
    media: [
      {
        type,
        port: 9,
        protocol: 'UDP/TLS/RTP/SAVPF',
        payloads: '0',
        rtp: [],
        fmtp: [],
        mid,
        candidates,
        endOfCandidates: 'end-of-candidates',
      },
    ],
  });
  // A fragment is attributes and sections, without the lines a whole description begins with.
  return whole.replaceAll(/^[^am]=.*\r\n/gm, '');
}
