import type { Server, Socket } from 'socket.io';
import type { ClientToServerEvents, ServerToClientEvents } from '../../shared/protocol/index.ts';

/** Who is calling, as the access token says. */
export type Viewer = {
  personId: string;
  kind: 'guest' | 'account';
  name: string;
  roles: readonly 'operator'[];
  sessionId: string;
  accessExpiresAtMs: number;
};

export type SocketData = { viewer: Viewer; network: string; reachedAt: string | undefined };
type NoEvents = Record<string, never>;
export type GatewaySocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;
export type SocketServer = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;

/**
 * How a request came in: `network` is what limits per address count by; `reachedAt` the address the client called, if it named
 * one; `socket` is there when it came over one; `order` rises from one command of a socket to the next.
 */
export type Call = {
  requestId: string;
  network: string;
  reachedAt: string | undefined;
  socket?: GatewaySocket;
  order: number;
};

/** Where people reach this server: the address of the settings, else the one that this client called. */
export type PublicUrl = (reachedAt: string | undefined) => string;

/** Turns an access token into a viewer. @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_REVOKED. */
export type Authenticate = (accessToken: string) => Promise<Viewer>;
