import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';

/** What an access token says. It stands for itself: checking one needs no database. */
export type Claims = {
  personId: string;
  kind: 'guest' | 'account';
  name: string;
  roles: 'operator'[];
  sessionId: string;
};

const issuer = 'nightmarket';

const Payload = z.object({
  iss: z.literal(issuer),
  sub: z.uuid(),
  sid: z.uuid(),
  kind: z.enum(['guest', 'account']),
  name: z.string(),
  roles: z.array(z.enum(['operator'])),
  exp: z.number(),
});

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Every token begins with it: nobody signs access tokens but us, so there is one algorithm and none to negotiate. */
const header = encoded({ alg: 'HS256' });

export type AccessTokens = ReturnType<typeof createAccessTokens>;

/**
 * Short-lived signed tokens. `secret`: at least 32 characters, the same on every gateway.
 *
 * JWTs (RFC 7519) by node:crypto, in the turn they are asked for: a general library hands each check to the thread pool twice,
 * which costs a viewer who comes more than the check itself. Tokens of others are left to one; see foreign-tokens.ts.
 */
export function createAccessTokens({
  secret,
  lifeSeconds,
  nowMs,
}: {
  secret: string;
  lifeSeconds: number;
  nowMs: () => number;
}) {
  const key = createSecretKey(secret, 'utf8');
  const signatureOf = (signed: string): string => createHmac('sha256', key).update(signed).digest('base64url');

  return {
    sign({ personId, kind, name, roles, sessionId }: Claims): { accessToken: string; accessExpiresAtMs: number } {
      const exp = Math.floor(nowMs() / 1_000) + lifeSeconds;
      const signed = `${header}.${encoded({ sid: sessionId, kind, name, roles, sub: personId, iss: issuer, exp })}`;
      return { accessToken: `${signed}.${signatureOf(signed)}`, accessExpiresAtMs: exp * 1_000 };
    },
    /** @throws AppError TOKEN_EXPIRED, or UNAUTHENTICATED for anything else that is wrong with it. */
    verify(token: string): Claims & { accessExpiresAtMs: number } {
      const { sub, sid, kind, name, roles, exp } = payloadOf(token);
      const accessExpiresAtMs = exp * 1_000;
      if (accessExpiresAtMs <= nowMs()) throw new AppError('TOKEN_EXPIRED');
      return { personId: sub, sessionId: sid, kind, name, roles, accessExpiresAtMs };
    },
  };

  /** Nothing of a token is looked at before its signature. */
  function payloadOf(token: string): z.output<typeof Payload> {
    const signedEnd = token.lastIndexOf('.');
    const signed = token.slice(0, signedEnd);
    if (!isSame(token.slice(signedEnd + 1), signatureOf(signed))) throw new AppError('UNAUTHENTICATED');
    const [head, body = ''] = signed.split('.');
    const payload = head === header ? Payload.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString())) : null;
    if (!payload?.success) throw new AppError('UNAUTHENTICATED');
    return payload.data;
  }
}

/** Compared as they are written, so that a signature has one spelling; in a time that tells nothing about where they differ. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
