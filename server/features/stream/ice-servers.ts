import { createHmac } from 'node:crypto';
import type { IceServer } from '../../../shared/protocol/media.ts';

export type IceSettings = {
  /** stun:, turn: and turns: addresses. */
  urls: readonly string[];
  /**
   * What TURN servers let clients in with: coturn's static-auth-secret, or one user name and password for all. Null: they are
   * handed out without.
   */
  turn: { secret: string } | { username: string; password: string } | null;
};
type Credentials = Pick<IceServer, 'username' | 'credential'>;

/** Longer than most sessions. Pages get new ones with an ICE restart; WHIP and WHEP clients, which are told once, with a new session. */
const credentialLifeSeconds = 12 * 3_600;

/** STUN and TURN servers for one client. */
export function iceServersFor(personId: string, { urls, turn }: IceSettings, nowMs: number): IceServer[] {
  const isTurn = (url: string): boolean => /^turns?:/.test(url);
  const credentials = credentialsFor(personId, turn, nowMs);
  return urls.map((url) => ({ urls: [url], ...(isTurn(url) ? credentials : {}) }));
}

/**
 * Credentials by secret are limited in time, by coturn's REST convention: the user name is when they end, the password its HMAC, so
 * that coturn can check them without asking us.
 */
function credentialsFor(personId: string, turn: IceSettings['turn'], nowMs: number): Credentials {
  if (turn === null) return {};
  if ('password' in turn) return { username: turn.username, credential: turn.password };
  const username = `${Math.floor(nowMs / 1_000) + credentialLifeSeconds}:${personId}`;
  return { username, credential: createHmac('sha1', turn.secret).update(username).digest('base64') };
}

/** As WHIP and WHEP say it: a Link header for each server. */
export const iceLinks = (servers: readonly IceServer[]): string[] =>
  servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) =>
      username && credential
        ? `<${url}>; rel="ice-server"; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`
        : `<${url}>; rel="ice-server"`,
    ),
  );

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
