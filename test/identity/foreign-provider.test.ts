import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const issuer = 'https://id.example.test';
const audience = 'nightmarket';

describe('a foreign identity provider', () => {
  let provider: Server;
  let app: App;
  let theirs: CryptoKey;
  let somebodyElses: CryptoKey;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    theirs = pair.privateKey;
    somebodyElses = (await generateKeyPair('ES256')).privateKey;
    const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }];
    provider = createServer(
      (_request, response) => void response.setHeader('connection', 'close').end(JSON.stringify({ keys })),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    app = await startTestApp(await freshStores(), {
      settings: {
        NIGHTMARKET_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`,
        NIGHTMARKET_JWKS_ISSUER: issuer,
        NIGHTMARKET_JWKS_AUDIENCE: audience,
      },
    });
  });
  afterAll(async () => {
    await app.close();
    provider.close();
  });

  const ana: Record<string, unknown> = { name: 'Ana of the other house' };
  const tokenOf = (key: CryptoKey, { aud = audience, iss = issuer, expires = '5m', sub = 'ana', claims = ana } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setSubject(sub)
      .setIssuer(iss)
      .setAudience(aud)
      .setExpirationTime(expires)
      .sign(key);
  const exchange = async (token: string) => call(app, 'POST', '/api/session/exchange', { body: { token } });

  test('its people get an account at the first visit and the same one afterwards', async () => {
    const first = await exchange(await tokenOf(theirs));
    const second = await exchange(await tokenOf(theirs));

    expect(first.body.data.person).toMatchObject({ kind: 'account', name: 'Ana of the other house', roles: [] });
    expect(second.body.data.person.personId).toBe(first.body.data.person.personId);
  });

  test.each([
    ['with an override in it', { name: 'Ana\u202e \u200bLi' }, 'Ana Li'],
    ['of two lines', { name: 'Ana\nLi' }, 'Ana Li'],
    ['too long, cut through an emoji', { name: `${'a'.repeat(39)}😀` }, 'a'.repeat(39)],
    ['of nothing to see', { name: '\u200b\u2800 ', preferred_username: 'ana' }, 'ana'],
    ['that is no text', { name: { given: 'Ana' } }, 'Guest'],
  ])('a name %s is shown by the rule of all names', async (what, claims, shown) => {
    const { person } = (await exchange(await tokenOf(theirs, { sub: what, claims }))).body.data;

    expect(person.name).toBe(shown);
  });

  test('a name with a word in it that the platform bans is not shown', async () => {
    await app.platform.db.query(
      `INSERT INTO banned_words (word_id, word, folded, added_by) SELECT gen_random_uuid(), 'casino', 'casino', person_id FROM people LIMIT 1`,
    );
    let visits = 0;
    const named = (name: string) => tokenOf(theirs, { sub: `${name} ${++visits}`, claims: { name } });

    // The gateway takes up the words of the platform by itself.
    await eventually(async () => (await exchange(await named('Casino Royale'))).body.data?.person.name === 'Guest');

    expect((await exchange(await named('Ana'))).body.data.person.name).toBe('Ana');
  });

  test.each([
    ['signed by somebody else', () => tokenOf(somebodyElses)],
    ['made for another service', () => tokenOf(theirs, { aud: 'another' })],
    ['of another issuer', () => tokenOf(theirs, { iss: 'https://evil.example.test' })],
    ['expired', () => tokenOf(theirs, { expires: '-1m' })],
    ['of a subject longer than any', () => tokenOf(theirs, { sub: 'a'.repeat(256) })],
    ['of a subject that no database keeps', () => tokenOf(theirs, { sub: 'ana\0' })],
  ])('a token %s is refused', async (_what, token) => {
    expect((await exchange(await token())).body.error.code).toBe('UNAUTHENTICATED');
  });

  test('a token that is shown over and over gives 60 sessions an hour, and slows nobody else down', async () => {
    const token = await tokenOf(theirs, { sub: 'zoe' });
    const codes: unknown[] = [];
    while (codes.length < 61) codes.push((await exchange(token)).body.error?.code);
    const last = await exchange(token);

    expect(codes.filter(Boolean)).toEqual(['RATE_LIMITED']);
    expect(last.body.error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    expect((await exchange(await tokenOf(theirs, { sub: 'yan' }))).status).toBe(200);
  });

  test('without one in the settings there is nothing to exchange', async () => {
    const plain = await startTestApp(await freshStores());

    const answer = await call(plain, 'POST', '/api/session/exchange', { body: { token: 'x' } });

    expect(answer.body.error.code).toBe('NOT_FOUND');
    await plain.close();
  });
});
