import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createRevocations } from '../../server/features/identity/revocations.ts';
import { createSignInLimit } from '../../server/features/identity/sign-in-limit.redis.ts';
import { createClient } from '../../shared/client/client.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

describe('sessions, on two gateways', () => {
  let apps: App[];
  let here: App;
  let there: App;

  beforeAll(async () => {
    const stores = await freshStores();
    here = await startTestApp(stores);
    there = await startTestApp(stores);
    apps = [here, there];
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  test('a guest needs a name and nothing else, and is known on every gateway', async () => {
    const session = await guest(here, 'Ana');

    const who = await call(there, 'GET', '/api/session', { token: session.accessToken });

    expect(who.body.data).toEqual({ personId: session.person.personId, kind: 'guest', name: 'Ana', roles: [] });
  });

  test('a guest who registers stays the same person, and who holds a session from before has no part in the account', async () => {
    const session = await guest(here);
    const left = await openSocket(there, session);
    const ended = new Promise((resolve) => left.once('session:ended', resolve));
    const body = { name: 'Bo', email: 'bo@example.test', password: 'correct horse battery' };

    const registered = await call(here, 'POST', '/api/session/register', { body, token: session.accessToken });

    expect(registered.body.data.person).toMatchObject({
      personId: session.person.personId,
      kind: 'account',
      name: 'Bo',
    });
    expect((await refresh(session.refreshToken)).body.error.code).toBe('SESSION_REVOKED');
    expect((await refresh(registered.body.data.refreshToken)).status).toBe(200);
    // The time in which sockets may be taken over is up.
    await here.platform.db.query(`UPDATE sessions SET revoked_at = now() WHERE person_id = $1 AND revoked_at > now()`, [
      session.person.personId,
    ]);
    expect(await ended).toEqual({ code: 'SESSION_REVOKED' });
    left.close();
  });

  test('an e-mail registers once, in any case of letters, and is never shown', async () => {
    const body = { name: 'Cy', email: 'cy@example.test', password: 'correct horse battery' };
    const first = await call(here, 'POST', '/api/session/register', { body });

    const second = await call(here, 'POST', '/api/session/register', { body: { ...body, email: 'CY@Example.test' } });

    expect(second).toMatchObject({ status: 409, body: { error: { code: 'EMAIL_TAKEN' } } });
    expect(JSON.stringify(first.body)).not.toContain('cy@example.test');
  });

  test('a wrong password and an unknown e-mail are answered the same', async () => {
    await call(here, 'POST', '/api/session/register', {
      body: { name: 'Di', email: 'di@example.test', password: 'correct horse battery' },
    });

    const wrong = await call(here, 'POST', '/api/session/sign-in', {
      body: { email: 'di@example.test', password: 'no' },
    });
    const unknown = await call(here, 'POST', '/api/session/sign-in', {
      body: { email: 'nobody@example.test', password: 'no' },
    });

    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual(unknown.body);
  });

  test('guessing a password is slowed down over all gateways', async () => {
    const tries = Array.from({ length: 11 }, (_, i) =>
      call(apps[i % 2]!, 'POST', '/api/session/sign-in', { body: { email: 'target@example.test', password: 'guess' } }),
    );
    const errors = (await Promise.all(tries)).map(({ body }) => body.error);
    const codes = errors.map(({ code }) => code);
    const locked = errors.find(({ code }) => code === 'RATE_LIMITED');

    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(10);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
    expect(locked.message).toMatch(/^Too many tries; wait 1[45] minutes\.$/);
  });

  test('guesses from many networks lock an account for strangers, not for its owner where they signed in before', async () => {
    const limit = createSignInLimit(here.platform.redis.commands);
    const [email, home] = ['famous@example.test', '192.0.2.1'];
    await limit.takeSignIn(email, home);
    await limit.welcome(email, home);
    const guesses = Array.from({ length: 200 }, (_, i) => limit.takeSignIn(email, `198.51.100.${i % 25}`));
    await Promise.allSettled(guesses);

    await expect(limit.takeSignIn(email, '203.0.113.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await limit.takeSignIn(email, home);
  });

  const refresh = (refreshToken: string) => call(here, 'POST', '/api/session/refresh', { body: { refreshToken } });

  test('a stolen refresh token ends the session when its owner comes, however often the thief has refreshed', async () => {
    const session = await guest(here);
    const thief = await refresh((await refresh(session.refreshToken)).body.data.refreshToken);

    const owner = await refresh(session.refreshToken);
    const thiefAgain = await refresh(thief.body.data.refreshToken);

    expect(thief.body.data.person.personId).toBe(session.person.personId);
    expect(owner.body.error.code).toBe('SESSION_REVOKED');
    expect(thiefAgain.body.error.code).toBe('SESSION_REVOKED');
  });

  test('an answer lost on its way is no theft: the same token may be sent again at once', async () => {
    const session = await guest(here);
    await refresh(session.refreshToken);

    const again = await refresh(session.refreshToken);

    expect(again.body.data.person.personId).toBe(session.person.personId);
    expect((await refresh(again.body.data.refreshToken)).status).toBe(200);
  });

  test('a guest whose machine fell asleep over the answer asks for it the next day; who has a password signs in again', async () => {
    const sessions = [await guest(here), await account(here)];
    for (const { refreshToken } of sessions) await refresh(refreshToken);
    await here.platform.db.query(
      `UPDATE sessions SET refreshed_at = now() - interval '1 day' WHERE person_id = ANY ($1)`,
      [sessions.map(({ person }) => person.personId)],
    );

    const again = await Promise.all(sessions.map(({ refreshToken }) => refresh(refreshToken)));

    expect(again.map(({ status }) => status)).toEqual([200, 401]);
  });

  test('two tabs that refresh at once are given the same token, and both go on', async () => {
    const { refreshToken } = await guest(here);

    const [one, other] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);

    expect(one.body.data.refreshToken).toBe(other.body.data.refreshToken);
    expect((await refresh(one.body.data.refreshToken)).status).toBe(200);
  });

  test('a token of another form is refused, and ends nobody else', async () => {
    const session = await guest(here);
    const [sessionId] = session.refreshToken.split('.');

    for (const forged of ['', 'x', `${sessionId}`, `${sessionId}.`, `${session.refreshToken}.`]) {
      expect((await refresh(forged)).body.error.code).toBe('SESSION_REVOKED');
    }
    expect((await refresh(session.refreshToken)).status).toBe(200);
  });

  test('an expired access token in the header does not keep anybody from a new one', async () => {
    const session = await guest(here);
    const body = { refreshToken: session.refreshToken };

    expect((await call(here, 'POST', '/api/session/refresh', { body, token: 'a.stale.token' })).status).toBe(200);
  });

  test.each(['\u202Eevil', 'a\u0000b', '\u200B\u200B', '  ', 'two\nlines'])('nobody is called %j', async (name) => {
    expect((await call(here, 'POST', '/api/session/guest', { body: { name } })).body.error.code).toBe('BAD_INPUT');
  });

  test.each(['Ana', '王小明', 'عمر', '👩‍👩‍👧 fan', 'O’Brien-Łuk'])('somebody may be called %j', async (name) => {
    expect((await guest(here, name)).person.name).toBe(name);
  });

  test('who runs the platform is named by id, not by an e-mail that anybody could register', async () => {
    const stores = await freshStores();
    const before = await startTestApp(stores);
    const { person } = await account(before);
    await before.close();
    const app = await startTestApp(stores, { settings: { NIGHTMARKET_OPERATORS: person.personId } });
    const signedIn = await call(app, 'POST', '/api/session/sign-in', {
      body: { email: await emailOf(app, person.personId), password: 'correct horse battery' },
    });

    expect(signedIn.body.data.person.roles).toEqual(['operator']);
    await app.close();
  });

  test('signing out closes open sockets on another gateway within 5 s', async () => {
    const session = await account(here);
    const socket = await openSocket(there, session);
    const ended = new Promise((resolve) => socket.on('session:ended', resolve));
    const startedMs = performance.now();

    await call(here, 'POST', '/api/session/sign-out', { body: {}, token: session.accessToken });

    expect(await ended).toEqual({ code: 'SESSION_REVOKED' });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await expect(openSocket(there, session)).rejects.toMatchObject({ data: { code: 'SESSION_REVOKED' } });
    socket.close();
  });

  test('a client whose session was ended goes on with the one that took its place, and ends when there is none', async () => {
    let session = await guest(here);
    const client = createClient({ url: here.url, credentials: async () => session });
    const states: string[] = [];
    client.on('state', (state) => states.push(state));
    client.on('ended', ({ code }) => states.push(code));
    await eventually(() => states.length === 1);
    const before = session;
    session = await guest(here);

    await call(here, 'POST', '/api/session/sign-out', { body: {}, token: before.accessToken });
    await eventually(() => states.length === 3);
    await call(here, 'POST', '/api/session/sign-out', { body: {}, token: session.accessToken });
    await eventually(() => states.length === 5);

    expect(states.slice(0, 3)).toEqual(['online', 'offline', 'online']);
    expect(states.slice(3).sort()).toEqual(['SESSION_REVOKED', 'offline']);
    client.close();
  });

  test('a new name is that of the socket it was given on at once, and of the session with its next token', async () => {
    const session = await guest(here);
    const socket = await openSocket(here, session);

    await send(socket, 'session:rename', { name: 'Renamed' });

    expect(await send(socket, 'session:who', {})).toMatchObject({ data: { name: 'Renamed' } });
    const { accessToken } = (await refresh(session.refreshToken)).body.data;
    expect((await call(there, 'GET', '/api/session', { token: accessToken })).body.data.name).toBe('Renamed');
    socket.close();
  });

  test('an open socket stays connected past its token when it is renewed, and only by its own person', async () => {
    const session = await guest(here);
    const socket = await openSocket(here, session);
    const stranger = await guest(here);
    const next = await call(here, 'POST', '/api/session/refresh', { body: { refreshToken: session.refreshToken } });

    const foreign = await send(socket, 'session:renew', { accessToken: stranger.accessToken });
    const renewed = await send(socket, 'session:renew', { accessToken: next.body.data.accessToken });

    expect(foreign).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    expect(renewed).toEqual({ ok: true, data: { accessExpiresAtMs: next.body.data.accessExpiresAtMs } });
    socket.close();
  });
});

test('a socket whose token expires is told so and closed', async () => {
  let nowMs = Date.now();
  const app = await startTestApp(await freshStores(), { nowMs: () => nowMs });
  const socket = await openSocket(app, await guest(app));
  const ended = new Promise((resolve) => socket.on('session:ended', resolve));

  nowMs += 601_000;

  expect(await ended).toEqual({ code: 'TOKEN_EXPIRED' });
  socket.close();
  await app.close();
});

test('what was ended is asked for since the last look, by one look at a time, and forgotten with the last of its tokens', async () => {
  let nowMs = 0;
  const asked: { seconds: number; answer: (sessionIds: string[]) => void }[] = [];
  const revocations = createRevocations({
    revokedWithin: (seconds) => new Promise((answer) => asked.push({ seconds, answer })),
    elapsedMs: () => nowMs,
    sessionsMax: 3,
    metrics: new Registry(),
  });
  const told: string[][] = [];
  revocations.onRevoked((sessionIds) => told.push([...sessionIds]));
  const isKnown = () => ['a', 'b', 'c', 'd', 'e'].filter(revocations.has);

  const first = revocations.refresh();
  // Two sign-outs meanwhile: a look of their own, which begins when the first has ended, so that no older answer comes last.
  const others = [revocations.refresh(), revocations.refresh()];
  expect(asked).toHaveLength(1);
  nowMs = 10_000;
  asked[0]!.answer(['a']);
  await first;
  await eventually(() => asked.length === 2);
  asked[1]!.answer(['a', 'b']);
  await Promise.all(others);

  expect(asked.map(({ seconds }) => seconds)).toEqual([3_660, 40]);
  expect(told).toEqual([['a'], ['b']]);
  nowMs = 3_665_000;
  const later = revocations.refresh();
  asked[2]!.answer(['c', 'd']);
  await later;
  expect(isKnown()).toEqual(['b', 'c', 'd']);
  const onTop = revocations.refresh();
  asked[3]!.answer(['e']);
  await onTop;
  expect(isKnown()).toEqual(['c', 'd', 'e']);
});

async function emailOf(app: App, personId: string): Promise<string> {
  const { rows } = await app.platform.db.query<{ email: string }>('SELECT email FROM people WHERE person_id = $1', [
    personId,
  ]);
  return rows[0]!.email;
}
