import { createHmac } from 'node:crypto';
import type { IceServer } from '../../../shared/protocol/media.ts';

export type IceSettings = {
  /** stun:, turn: and turns: addresses. */
  urls: readonly string[];
  /** coturn's static-auth-secret; without it TURN servers are handed out without credentials. */
  turnSecret: string | undefined;
};

/** Longer than any session without an ICE restart is likely to be; afterwards a restart brings new ones. */
const credentialLifeSeconds = 12 * 3_600;

/**
 * STUN and TURN servers for one client. TURN credentials are limited in time, by coturn's REST convention: the user name
 * is when they end, the password its HMAC, so that coturn can check them without asking us.
 */
export function iceServersFor(personId: string, { urls, turnSecret }: IceSettings, nowMs: number): IceServer[] {
  const isTurn = (url: string): boolean => /^turns?:/.test(url);
  const username = `${Math.floor(nowMs / 1_000) + credentialLifeSeconds}:${personId}`;
  const credentials = turnSecret
    ? { username, credential: createHmac('sha1', turnSecret).update(username).digest('base64') }
    : {};
  return urls.map((url) => ({ urls: [url], ...(isTurn(url) ? credentials : {}) }));
}

/** As WHIP and WHEP say it: a Link header for each server. */
export const iceLinks = (servers: readonly IceServer[]): string[] =>
  servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) =>
      username && credential
        ? `<${url}>; rel="ice-server"; username="${username}"; credential="${credential}"; credential-type="password"`
        : `<${url}>; rel="ice-server"`,
    ),
  );
