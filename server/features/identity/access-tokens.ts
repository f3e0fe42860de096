import { SignJWT, errors, jwtVerify } from 'jose';
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

const Payload = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  kind: z.enum(['guest', 'account']),
  name: z.string(),
  roles: z.array(z.enum(['operator'])),
  exp: z.number(),
});

const issuer = 'nightmarket';
const algorithm = 'HS256';

export type AccessTokens = ReturnType<typeof createAccessTokens>;

/** Short-lived signed tokens. `secret`: at least 32 characters, the same on every gateway. */
export function createAccessTokens({
  secret,
  lifeSeconds,
  nowMs,
}: {
  secret: string;
  lifeSeconds: number;
  nowMs: () => number;
}) {
  const key = new TextEncoder().encode(secret);

  return {
    async sign({
      personId,
      kind,
      name,
      roles,
      sessionId,
    }: Claims): Promise<{ accessToken: string; accessExpiresAtMs: number }> {
      const expiresAtSeconds = Math.floor(nowMs() / 1_000) + lifeSeconds;
      const accessToken = await new SignJWT({ sid: sessionId, kind, name, roles })
        .setProtectedHeader({ alg: algorithm })
        .setSubject(personId)
        .setIssuer(issuer)
        .setExpirationTime(expiresAtSeconds)
        .sign(key);
      return { accessToken, accessExpiresAtMs: expiresAtSeconds * 1_000 };
    },
    /** @throws AppError TOKEN_EXPIRED, or UNAUTHENTICATED for anything else that is wrong with it. */
    async verify(token: string): Promise<Claims & { accessExpiresAtMs: number }> {
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer,
          algorithms: [algorithm],
          currentDate: new Date(nowMs()),
        });
        const { sub, sid, kind, name, roles, exp } = Payload.parse(payload);
        return { personId: sub, sessionId: sid, kind, name, roles, accessExpiresAtMs: exp * 1_000 };
      } catch (error) {
        throw new AppError(error instanceof errors.JWTExpired ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED');
      }
    },
  };
}
