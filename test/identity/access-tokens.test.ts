import { createHmac } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessTokens, type Claims } from '../../server/features/identity/access-tokens.ts';

const secret = 'a secret of the tests, so long that it could be the key of any algorithm';
const key = new TextEncoder().encode(secret);
const claims: Claims = {
  personId: '0198b0a0-0000-7000-8000-000000000001',
  sessionId: '0198b0a0-0000-7000-8000-000000000002',
  kind: 'account',
  name: '王小明',
  roles: ['operator'],
};
const bornAtMs = 1_790_000_000_000;

const tokensAt = (atMs: number, of = secret) => createAccessTokens({ secret: of, lifeSeconds: 600, nowMs: () => atMs });

/** A token as another JWT library writes it. */
function foreign({ issuer = 'nightmarket', alg = 'HS256', extra = {} } = {}): Promise<string> {
  const { personId, sessionId: sid, kind, name, roles } = claims;
  return new SignJWT({ sid, kind, name, roles, ...extra })
    .setProtectedHeader({ alg })
    .setSubject(personId)
    .setIssuer(issuer)
    .setExpirationTime(bornAtMs / 1_000 + 600)
    .sign(key);
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signedByUs = (signed: string): string =>
  `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
const codeOf = (token: string, atMs = bornAtMs): unknown => {
  try {
    return tokensAt(atMs).verify(token);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('access tokens', () => {
  test('say who somebody is until they expire', () => {
    const { accessToken, accessExpiresAtMs } = tokensAt(bornAtMs).sign(claims);

    expect(codeOf(accessToken, bornAtMs + 599_999)).toEqual({ ...claims, accessExpiresAtMs });
    expect(codeOf(accessToken, bornAtMs + 600_000)).toBe('TOKEN_EXPIRED');
  });

  test('are JWTs: another library reads ours, and we read what it signs with our key', async () => {
    const { accessToken } = tokensAt(bornAtMs).sign(claims);
    const { payload } = await jwtVerify(accessToken, key, { issuer: 'nightmarket', currentDate: new Date(bornAtMs) });

    expect(payload).toMatchObject({ sub: claims.personId, name: claims.name });
    expect(codeOf(await foreign())).toMatchObject(claims);
  });

  test('are believed in one spelling, by one key, one algorithm and one issuer', async () => {
    const { accessToken } = tokensAt(bornAtMs).sign(claims);
    const [head, body, signature] = accessToken.split('.') as [string, string, string];
    const operator = encoded({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), kind: 'guest' });

    const forged = [
      '',
      '.',
      '..',
      'x',
      body,
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}.${operator}.${signature}`,
      `${encoded({ alg: 'none' })}.${body}.`,
      `${encoded({ alg: 'none' })}.${body}.${signature}`,
      `${accessToken}=`,
      `${accessToken}.`,
      ` ${accessToken}`,
      `${head}.${body}.${signature.slice(0, -1)}`,
      `${head}.${body}.${'é'.repeat(signature.length)}`,
      tokensAt(bornAtMs, 'another secret, long enough to be one as well').sign(claims).accessToken,
      await foreign({ issuer: 'somebody else' }),
      await foreign({ alg: 'HS512' }),
      signedByUs(`${encoded({ alg: 'none' })}.${body}`),
      signedByUs(''),
      await foreign({ extra: { roles: ['owner'] } }),
      await foreign({ extra: { sid: 'not an id' } }),
    ];

    expect(forged.map((token) => codeOf(token))).toEqual(forged.map(() => 'UNAUTHENTICATED'));
  });
});
