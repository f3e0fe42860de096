import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createWatchGrants } from '../../server/features/stream/watch-grants.ts';
import { offerTo } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { createEntryListeners } from '../../server/features/room-log/entry-listeners.ts';
import { createCoHosts, invitationMs } from '../../server/features/stream/co-hosts.pg.ts';
import { createExpectedCoHosts } from '../../server/features/stream/expected-co-hosts.ts';
import { hearRightsNews } from '../../server/features/stream/rights-news.ts';
import { createStream } from '../../server/features/stream/stream.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoHosts } from '../../shared/protocol/media.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest, openSocket, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { holdLook } from '../support/hold-look.ts';
import { scheduleShow, startMediaApp, streamKeyOf, watchGrantOf, type Show } from '../media/support/show.ts';

let app: App;

beforeAll(async () => {
  app = await startMediaApp(await freshStores());
});
afterAll(() => app.close());

const post = (url: string, token: string, direction: 'sendonly' | 'recvonly' = 'recvonly') =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
    body: offerTo(direction).sdp,
  });

/** What somebody gets who wants to watch: over a socket, as the page does, and a grant for a WHEP player. */
async function triesToWatch(roomId: string, viewer: Session): Promise<{ page: string; player: string }> {
  const socket = await openSocket(app, viewer);
  const page = await send(socket, 'media:transport', { roomId, direction: 'watch' });
  socket.close();
  const player = await call(app, 'POST', `/api/rooms/${roomId}/watch-grant`, { token: viewer.accessToken, body: {} });
  return { page: page.ok ? 'ok' : page.error.code, player: player.body.ok ? 'ok' : player.body.error.code };
}

async function ban({ roomId, token }: Show, { person }: Session): Promise<void> {
  const body = { personId: person.personId, kind: 'ban' };
  const { status } = await call(app, 'POST', `/api/rooms/${roomId}/sanctions`, { token, body });
  expect(status).toBe(200);
}

test('a grant is good for as long as a show may last, and no longer: a player has nothing else to come back with', () => {
  let nowMs = 0;
  const grants = createWatchGrants({ secret: 'of the tests', nowMs: () => nowMs });
  const { token, expiresAtMs } = grants.grant('room', 'ana');

  nowMs = 11 * 3_600_000;
  expect(grants.read(token)).toMatchObject({ roomId: 'room', personId: 'ana' });
  nowMs = expiresAtMs;
  expect(grants.read(token)).toBeNull();
});

describe('who may not watch is refused, by page and by player', () => {
  test('a rehearsal is for its host', async () => {
    const host = await account(app);
    const body = { title: 'Dry run', rehearsal: true };
    const { roomId } = (await call(app, 'POST', '/api/rooms', { token: host.accessToken, body })).body.data;

    expect(await triesToWatch(roomId, await guest(app))).toEqual({ page: 'FORBIDDEN', player: 'FORBIDDEN' });
    expect(await triesToWatch(roomId, host)).toEqual({ page: 'ok', player: 'ok' });
  });

  test('the group of a fan club has no picture for anybody, and no stream key', async () => {
    const host = await account(app);
    const { accessToken: token } = host;
    const clubId = host.person.personId;
    await call(app, 'PUT', `/api/fan-clubs/${clubId}`, { token, body: { greeting: 'Welcome' } });
    const opened = await call(app, 'POST', `/api/fan-clubs/${clubId}/group`, { token, body: { title: 'Friends' } });
    const roomId: string = opened.body.data.groupRoomId;

    expect(await triesToWatch(roomId, host)).toEqual({ page: 'CONFLICT', player: 'CONFLICT' });
    expect(await triesToWatch(roomId, await guest(app))).toEqual({ page: 'FORBIDDEN', player: 'FORBIDDEN' });
    const key = await call(app, 'POST', `/api/rooms/${roomId}/stream-key`, { token, body: {} });
    expect([key.status, key.body.error.code]).toEqual([409, 'CONFLICT']);
  });

  test('somebody banned is kept out, also with a grant from before', async () => {
    const show = await scheduleShow(app);
    const viewer = await guest(app);
    const grant = await watchGrantOf(app, show.roomId, viewer);

    await ban(show, viewer);

    expect(await triesToWatch(show.roomId, viewer)).toEqual({ page: 'FORBIDDEN', player: 'FORBIDDEN' });
    expect((await post(grant.whepUrl, grant.token)).status).toBe(403);
  });
});

test('a right that ends where nobody is told of it is noticed all the same', { timeout: 40_000 }, async () => {
  const { db } = app.platform;
  const [show, other, third] = [await scheduleShow(app), await scheduleShow(app), await scheduleShow(app)];
  const key = await streamKeyOf(app, show);
  expect((await post(key.whipUrl, key.streamKey, 'sendonly')).status).toBe(201);
  const coHost = await guest(app);
  await db.query('INSERT INTO co_hosts (room_id, person_id, accepted_at) VALUES ($1, $2, now())', [
    other.roomId,
    coHost.person.personId,
  ]);
  const opens = async ({ roomId }: Show, who: Session, direction: 'publish' | 'watch') => {
    const socket = await openSocket(app, who);
    const ended = new Promise((resolve) => socket.once('media:closed', ({ reason }) => resolve(reason)));
    expect(await send(socket, 'media:transport', { roomId, direction })).toMatchObject({ ok: true });
    return { ended, close: () => void socket.close() };
  };
  const [publisher, viewer] = [await opens(other, coHost, 'publish'), await opens(third, await guest(app), 'watch')];

  await db.query('UPDATE stream_keys SET revoked_at = now() WHERE key_id = $1', [key.keyId]);
  await db.query('DELETE FROM co_hosts WHERE room_id = $1', [other.roomId]);
  await db.query(`UPDATE rooms SET state = 'cancelled', ended_at = now(), version = version + 1 WHERE room_id = $1`, [
    third.roomId,
  ]);

  expect(await publisher.ended).toBe('not-allowed');
  expect(await viewer.ended).toBe('room-ended');
  // Both by the clock of the database.
  const keyEnd = `
    SELECT (last_end->>'atMs')::bigint - (extract(epoch FROM revoked_at) * 1000)::bigint AS "tookMs"
    FROM stream_keys WHERE key_id = $1 AND last_end->>'reason' = 'key-revoked'`;
  const { tookMs } = await eventually(async () => (await db.query(keyEnd, [key.keyId])).rows[0]);
  expect(Number(tookMs), 'until whoever publishes with a revoked key was dropped').toBeLessThan(5_000);
  for (const one of [publisher, viewer]) one.close();
});

test('a late word of a ban ends nothing of who may be there again; who can not be asked about goes', async () => {
  const listeners = createEntryListeners();
  const ended: unknown[] = [];
  hearRightsNews({
    sfu: { endAll: async ({ ownerId }) => ({ ended: ended.push(ownerId) }) },
    rooms: {
      relations: (_roomId, personId) =>
        personId === 'silence'
          ? new Promise(() => undefined)
          : Promise.resolve(new Set(personId === 'pardoned' ? (['viewer'] as const) : [])),
    },
    roomLog: { onEntry: listeners.on },
    log: app.platform.log,
  });

  for (const personId of ['pardoned', 'banned', 'silence']) {
    const body = JSON.stringify({ personId, kind: 'ban', untilMs: null });
    listeners.hear('room', [{ kind: 'moderation:sanctioned', body } as never]);
  }

  await eventually(() => ended.length === 2);
  expect(ended).toEqual(['banned', 'silence']);
});

test('an invitation that nobody answers ends after minutes: it can be accepted no more, and its place is free', async () => {
  const { roomId } = await scheduleShow(app);
  let nowMs = Date.now();
  const coHosts = createCoHosts(app.platform.db, () => nowMs);
  const [here, late, silent, next] = await Promise.all(
    [1, 2, 3, 4].map(async () => (await guest(app)).person.personId),
  );
  const listed = async () => (await coHosts.of(roomId)).coHosts.map(({ personId, untilMs }) => ({ personId, untilMs }));

  for (const personId of [here!, late!, silent!]) expect(await coHosts.invite(roomId, personId)).toBe(true);
  expect(await coHosts.accept(roomId, here!)).toBe(true);
  expect(await coHosts.invite(roomId, next!)).toBe(false);
  nowMs += invitationMs - 1;
  expect(await coHosts.invite(roomId, late!)).toBe(true); // Asked once more, and so with the whole time again.
  nowMs += 1;

  expect(await listed()).toEqual([
    { personId: here, untilMs: null },
    { personId: late, untilMs: nowMs - 1 + invitationMs },
  ]);
  expect(await coHosts.accept(roomId, silent!)).toBe(false);
  expect(await coHosts.accept(roomId, here!)).toBe(true);
  expect(await coHosts.invite(roomId, next!)).toBe(true);
  expect(await coHosts.invite(roomId, silent!)).toBe(false);
});

test('a crowd before a door for fans asks once for the invited, and whoever is invited passes at once', async () => {
  const { roomId } = await scheduleShow(app);
  const [star, helper, stranger] = await Promise.all([1, 2, 3].map(async () => (await guest(app)).person.personId));
  let nowMs = Date.now();
  let reads = 0;
  const store = createCoHosts(app.platform.db, () => nowMs);
  const listeners = createEntryListeners();
  const { has, coHosts } = createExpectedCoHosts({
    coHosts: { ...store, expected: (...asked) => ((reads += 1), store.expected(...asked)) },
    onEntry: listeners.on,
    nowMs: () => nowMs,
  });
  const told = () => listeners.hear(roomId, [{ kind: 'media:co-hosts', body: '{}' } as never]);

  const crowd = await Promise.all(Array.from({ length: 200 }, () => has(roomId, stranger!)));
  expect([new Set(crowd), reads]).toEqual([new Set([false]), 1]);
  await coHosts.invite(roomId, star!);
  expect(await has(roomId, star!)).toBe(true);
  await store.invite(roomId, helper!); // By another gateway.
  expect(await has(roomId, helper!)).toBe(false);
  told();
  expect(await has(roomId, helper!)).toBe(true);
  await coHosts.accept(roomId, star!);
  await has(roomId, star!);
  nowMs += invitationMs - 1;
  expect(await has(roomId, helper!)).toBe(true);
  nowMs += 1; // The invitation is over, though what was read is new.
  expect([await has(roomId, star!), await has(roomId, helper!)]).toEqual([true, false]);
  await store.remove(roomId, star!);
  nowMs += 1_000;
  expect(await has(roomId, star!)).toBe(false);
});

test('a no to an invitation is told once, by the command that reaches the room; of others who say no nothing is told', async () => {
  const { roomId } = await scheduleShow(app);
  const [personId, stranger] = [await guest(app), await guest(app)].map(({ person }) => person.personId) as [
    string,
    string,
  ];
  const coHosts = createCoHosts(app.platform.db, Date.now);
  await coHosts.invite(roomId, personId);
  const told: CoHosts[] = [];
  let isLogAway = true;
  const { decline } = createStream({
    coHosts,
    sfu: { endAll: async () => ({}) },
    log: {
      async append(_roomId: string, _kind: string, known: CoHosts) {
        if (isLogAway) throw new AppError('RETRY');
        told.push(known);
      },
    },
  } as unknown as Parameters<typeof createStream>[0]);

  await expect(decline(roomId, personId)).rejects.toMatchObject({ code: 'RETRY' });
  expect((await coHosts.of(roomId)).coHosts).toMatchObject([{ personId }]); // A no of which nobody has heard.
  isLogAway = false;
  for (const who of [stranger, personId, personId]) await decline(roomId, who);

  expect(told).toEqual([{ coHosts: [], hostMuted: [], declined: personId }]);
});

test('a co-host who is sent away, or banned, comes back as a viewer, and the room is told', async () => {
  const show = await scheduleShow(app);
  const viewer = await guest(app);
  const [host, invited] = [await openSocket(app, show.host), await openSocket(app, viewer)];
  const { roomId, token } = show;
  const { personId } = viewer.person;
  const opens = async (direction: 'publish' | 'watch') => {
    const opened = await send(invited, 'media:transport', { roomId, direction });
    return opened.ok ? 'ok' : opened.error.code;
  };

  for (const kind of ['kick', 'ban'] as const) {
    await send(host, 'media:invite', { roomId, personId });
    expect(await send(invited, 'media:accept', { roomId })).toMatchObject({ data: { outcome: 'accepted' } });
    expect(await opens('publish')).toBe('ok');
    await call(app, 'POST', `/api/rooms/${roomId}/sanctions`, { token, body: { personId, kind } });
    await call(app, 'DELETE', `/api/rooms/${roomId}/sanctions/${personId}`, { token });

    await eventually(async () => (await opens('watch')) === 'ok');
    expect(await opens('publish')).toBe('FORBIDDEN');
    const joined = await send(host, 'room:join', { roomId });
    const told = joined.ok ? joined.data.entries.filter(({ kind: said }) => said === 'media:co-hosts') : [];
    expect(told.at(-1)?.body).toMatchObject({ coHosts: [] });
  }
  for (const socket of [host, invited]) socket.close();
});

describe('a right that ends takes its sessions along at once', () => {
  let release: () => Promise<void>;

  // What is tried is the direct way: the look that would find out within seconds has to wait.
  beforeAll(async () => {
    release = await holdLook(app, 'media rights');
  });
  afterAll(() => release());

  /** Somebody who sits in the room and watches; `ended` gets the reason when their media session is over. */
  async function watches({ roomId }: Show, viewer: Session) {
    const socket = await openSocket(app, viewer);
    expect(await send(socket, 'room:join', { roomId })).toMatchObject({ ok: true });
    const ended = new Promise<string>((resolve) =>
      socket.once('media:closed', ({ reason }: { reason: string }) => resolve(reason)),
    );
    expect(await send(socket, 'media:transport', { roomId, direction: 'watch' })).toMatchObject({ ok: true });
    return {
      ended,
      /** What they were told before the answer to a question of theirs, they have heard. */
      async hasEnded(): Promise<boolean> {
        let hasEnded = false;
        void ended.then(() => (hasEnded = true));
        await send(socket, 'media:status', { roomId });
        return hasEnded;
      },
      leave: () => void socket.close(),
    };
  }

  test('a ban, in this room and in the other rooms of the host', async () => {
    const here = await scheduleShow(app);
    const there = await scheduleShow(app, here.host);
    const [viewer, witness] = [await guest(app), await guest(app)];
    const [inHere, inThere, other] = [
      await watches(here, viewer),
      await watches(there, viewer),
      await watches(there, witness),
    ];

    await ban(here, viewer);

    expect(await inHere.ended).toBe('not-allowed');
    expect(await inThere.ended).toBe('not-allowed');
    expect(await other.hasEnded()).toBe(false);
    for (const one of [inHere, inThere, other]) one.leave();
  });

  test('the end of the show', async () => {
    const show = await scheduleShow(app);
    const { roomId, token } = show;
    const { ended, leave } = await watches(show, await guest(app));
    await call(app, 'POST', `/api/rooms/${roomId}/start`, { token, body: {} });

    await call(app, 'POST', `/api/rooms/${roomId}/end`, { token, body: {} });

    expect(await ended).toBe('room-ended');
    leave();
  });
});
