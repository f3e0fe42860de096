import type { WebRtcTransport } from 'mediasoup/types';
import { parse, write } from 'sdp-transform';
import { AppError } from '../../shared/errors.ts';

/** The ICE user name of a trickle fragment (RFC 8840). @throws AppError BAD_INPUT when it or its password is missing. */
export function ufragOf(fragment: string): string {
  const { iceUfrag, icePwd, media } = parse(fragment);
  const ufrag = iceUfrag ?? media.find((section) => section.iceUfrag)?.iceUfrag;
  if (!ufrag) throw new AppError('BAD_INPUT', 'The fragment has no a=ice-ufrag.');
  if (!icePwd && !media.some((section) => section.icePwd))
    throw new AppError('BAD_INPUT', 'The fragment has no a=ice-pwd.');
  return ufrag;
}

/** Our side of an ICE restart: new credentials, and the addresses we have always had. */
export function restartFragment({ iceParameters, iceCandidates }: WebRtcTransport): string {
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
        type: 'audio',
        port: 9,
        protocol: 'UDP/TLS/RTP/SAVPF',
        payloads: '0',
        rtp: [],
        fmtp: [],
        mid: '0',
        candidates,
        endOfCandidates: 'end-of-candidates',
      },
    ],
  });
  // A fragment is attributes and sections, without the lines a whole description begins with.
  return whole.replaceAll(/^[^am]=.*\r\n/gm, '');
}
