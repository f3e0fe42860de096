import type { Consumer, Producer, WebRtcTransport } from 'mediasoup/types';
import type { Muted } from '../../shared/media-link.ts';
import type { SessionEnd } from '../../shared/protocol/media.ts';
import type { Leg } from './leg.ts';

export type SessionRequest = {
  roomId: string;
  sessionId: string;
  ownerId: string;
  direction: 'publish' | 'watch';
  /** The stream key that allowed it; null when it came over a socket or watches. */
  keyId: string | null;
  /** Where its client calls from, as the gateway counts addresses. */
  network?: string | undefined;
  /** The gateway that has its socket, where there are several. */
  gatewayId?: string | undefined;
  /** What of this publisher is muted already. */
  muted?: Muted | undefined;
};

/** One client in one room: a transport, and what flows over it. */
export type Session = Readonly<SessionRequest> & {
  readonly leg: Leg;
  readonly transport: WebRtcTransport;
  /** Larger than that of any session opened before. */
  readonly number: number;
  readonly producers: Map<string, Producer>;
  /** By the id of the home producer, so that asking twice gives nothing twice. */
  readonly consumers: Map<string, Consumer>;
  /** The DTLS handshake is through: there is a living client at the other end. */
  readonly connected: boolean;
  readonly closed: boolean;
  /** The same publisher was connected from another place when this one was: the room says so and ends the other. */
  tookOver: boolean;
  /** Ends the session once; the first reason counts. */
  close(reason: SessionEnd): void;
};

export const isWatching = ({ direction }: Pick<SessionRequest, 'direction'>): boolean => direction === 'watch';

type Needs = {
  request: SessionRequest;
  leg: Leg;
  transport: WebRtcTransport;
  number: number;
  onConnected(session: Session): void;
  onClosed(session: Session, reason: SessionEnd): void;
};

export function createSession({ request, leg, transport, number, onConnected, onClosed }: Needs): Session {
  let connected = false;
  let closed = false;
  const session: Session = {
    ...request,
    leg,
    transport,
    number,
    producers: new Map(),
    consumers: new Map(),
    tookOver: false,
    get connected() {
      return connected;
    },
    get closed() {
      return closed;
    },
    close(reason) {
      if (closed) return;
      closed = true;
      transport.close();
      onClosed(session, reason);
    },
  };

  transport.on('dtlsstatechange', (state) => {
    if (state === 'connected' && !connected) {
      connected = true;
      onConnected(session);
    }
    if (state === 'failed') session.close('lost');
    if (state === 'closed') session.close('left');
  });
  transport.on('icestatechange', (state) => {
    if (state === 'disconnected') session.close('lost');
  });
  // The router is only ever closed with its worker, or with the room, whose sessions are closed before it.
  transport.on('routerclose', () => session.close('worker-died'));
  return session;
}
