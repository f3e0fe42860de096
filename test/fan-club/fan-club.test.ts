import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { createNews } from '../../server/features/room-log/news.redis.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

let stores: { databaseUrl: string; redisUrl: string };
let [app, other]: App[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  stores = await freshStores();
  app = await startTestApp(stores);
  other = await startTestApp(stores);
});
afterAll(async () => {
  sockets.forEach((socket) => socket.disconnect());
  await Promise.all([app!.close(), other!.close()]);
});

async function person(at = app!): Promise<{ session: Session; socket: Socket; personId: string }> {
  const session = await account(at);
  const socket = await openSocket(at, session);
  sockets.push(socket);
  return { session, socket, personId: session.person.personId };
}

/** A host with an open club. */
async function hostWithClub(change: Record<string, unknown> = {}) {
  const host = await person();
  const clubId = host.personId;
  expect((await send(host.socket, 'fan-club:set', { clubId, greeting: 'Welcome!', ...change })).ok).toBe(true);
  return { ...host, clubId };
}

async function data<T>(reply: Promise<{ ok: true; data: T } | { ok: false; error: { code: string } }>): Promise<T> {
  const answer = await reply;
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.data;
}

describe('joining', () => {
  test('a viewer joins with the greeting, leaves, and comes back', async () => {
    const { clubId } = await hostWithClub();
    const fan = await person();

    const joined = await data(send(fan.socket, 'fan-club:join', { clubId }));
    expect(joined).toMatchObject({ outcome: 'joined', greeting: 'Welcome!', own: { state: 'member', level: 1 } });
    expect((await data(send(fan.socket, 'fan-club:leave', { clubId }))).left).toBe(true);
    expect((await data(send(fan.socket, 'fan-club:leave', { clubId }))).left).toBe(false);
    expect((await data(send(fan.socket, 'fan-club:join', { clubId }))).outcome).toBe('joined');
    expect((await data(send(fan.socket, 'fan-club:get', { clubId }))).club.memberCount).toBe(1);
  });

  test('joining twice, or from two gateways at the same time, counts once', async () => {
    const { clubId } = await hostWithClub();
    const session = await account(app!);
    const devices = await Promise.all([openSocket(app!, session), openSocket(other!, session)]);
    sockets.push(...devices);

    const outcomes = await Promise.all(
      [...devices, ...devices].map((socket) => data(send(socket, 'fan-club:join', { clubId }))),
    );

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['joined', 'joined', 'joined', 'joined']);
    expect((await data(send(devices[0], 'fan-club:get', { clubId }))).club.memberCount).toBe(1);
  });

  test('never lets in more than the size limit, however many come at once', async () => {
    const { clubId, socket } = await hostWithClub({ membersMax: 3 });
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, i) => person(i % 2 ? app! : other!)));

    const outcomes = await Promise.all(crowd.map((fan) => data(send(fan.socket, 'fan-club:join', { clubId }))));

    expect(outcomes.filter(({ outcome }) => outcome === 'joined')).toHaveLength(3);
    expect(outcomes.filter(({ outcome }) => outcome === 'full')).toHaveLength(5);
    expect(await send(socket, 'fan-club:set', { clubId, membersMax: 2 })).toMatchObject({
      error: { code: 'CONFLICT' },
    });
  });

  test.each([
    ['follow', 'follow_first'],
    ['bought', 'buy_first'],
  ])('a club for those who meet "%s" says what is missing', async (joinRule, outcome) => {
    const { clubId } = await hostWithClub({ joinRule });

    expect((await data(send((await person()).socket, 'fan-club:join', { clubId }))).outcome).toBe(outcome);
  });

  test('a follower joins a club for followers', async () => {
    const { clubId } = await hostWithClub({ joinRule: 'follow' });
    const fan = await person();
    await app!.platform.db.query('INSERT INTO follows (host_id, person_id) VALUES ($1, $2)', [clubId, fan.personId]);

    expect((await data(send(fan.socket, 'fan-club:join', { clubId }))).outcome).toBe('joined');
  });

  test('the host decides who joins when the club asks for approval', async () => {
    const { clubId, socket } = await hostWithClub({ joinRule: 'approval' });
    const [liked, disliked, nobody] = [await person(), await person(), await person()];
    for (const fan of [liked, disliked])
      expect((await data(send(fan.socket, 'fan-club:join', { clubId }))).outcome).toBe('asked');

    const { requests } = await data(send(socket, 'fan-club:requests', { clubId }));
    expect(requests.map(({ personId }) => personId)).toEqual([liked.personId, disliked.personId]);
    const decide = (personId: string, accept: boolean) =>
      data(send(socket, 'fan-club:decide', { clubId, personId, accept }));
    expect((await decide(liked.personId, true)).outcome).toBe('joined');
    expect((await decide(disliked.personId, false)).outcome).toBe('refused');
    expect((await decide(nobody.personId, true)).outcome).toBe('not_asked');
    const asks = async () => (await data(send(disliked.socket, 'fan-club:join', { clubId }))).outcome;
    expect(await asks()).toBe('refused');
    // Nobody becomes a member without asking, however long ago they asked.
    expect((await decide(disliked.personId, true)).outcome).toBe('may_ask');
    expect((await data(send(socket, 'fan-club:members', { clubId }))).members).toMatchObject([
      { personId: liked.personId, level: 1 },
    ]);
    expect(await asks()).toBe('asked');
  });

  test('who asks again keeps their place among those who wait, also while the club is full', async () => {
    const { clubId, socket } = await hostWithClub({ joinRule: 'approval', membersMax: 1 });
    const [first, second, third] = [await person(), await person(), await person()];
    for (const fan of [first, second]) await data(send(fan.socket, 'fan-club:join', { clubId }));
    const ask = async (fan: typeof first) => (await data(send(fan.socket, 'fan-club:join', { clubId }))).outcome;

    expect(await ask(first)).toBe('asked');
    const { requests } = await data(send(socket, 'fan-club:requests', { clubId }));
    await data(send(socket, 'fan-club:decide', { clubId, personId: second.personId, accept: true }));

    expect(requests.map(({ personId }) => personId)).toEqual([first.personId, second.personId]);
    expect([await ask(first), await ask(third)]).toEqual(['asked', 'full']);
  });

  test('whom the host has banned may not join, until the ban is lifted', async () => {
    const { clubId, socket } = await hostWithClub();
    const { personId, socket: theirs } = await person();
    const { roomId } = await data(send(socket, 'room:create', { title: 'Tea' }));
    await data(send(socket, 'moderation:sanction', { roomId, personId, kind: 'ban' }));

    expect((await data(send(theirs, 'fan-club:join', { clubId }))).outcome).toBe('refused');
    await data(send(socket, 'moderation:lift', { roomId, personId, kind: 'ban' }));
    expect((await data(send(theirs, 'fan-club:join', { clubId }))).outcome).toBe('joined');
  });

  test('a guest, the host and a stranger to a club without a host are refused', async () => {
    const { clubId, socket } = await hostWithClub();
    const visitor = await guest(app!);

    expect(await send(socket, 'fan-club:join', { clubId })).toMatchObject({ error: { code: 'CONFLICT' } });
    const asGuest = await call(app!, 'POST', `/api/fan-clubs/${clubId}/join`, { token: visitor.accessToken, body: {} });
    expect(asGuest.body.error.code).toBe('FORBIDDEN');
    expect(await send((await person()).socket, 'fan-club:join', { clubId: visitor.person.personId })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });
});

test('a comment of a member gives points once, also one of which the gateway that was asked told nobody; a stranger gets none', async () => {
  const { clubId, socket } = await hostWithClub();
  const [fan, stranger] = [await person(app), await person(other)];
  await data(send(fan.socket, 'fan-club:join', { clubId }));
  const { roomId } = await data(send(socket, 'room:create', { title: 'Talk' }));
  await data(send(socket, 'room:start', { roomId }));
  for (const each of [fan, stranger]) await data(send(each.socket, 'room:join', { roomId }));

  for (const each of [stranger, fan])
    await data(send(each.socket, 'chat:send', { roomId, text: 'hello', requestKey: `comment-${each.personId}` }));
  // As a gateway leaves it that dies right after the log took the line.
  const redis = app!.platform.redis.commands;
  const line = { messageId: randomUUID(), senderId: fan.personId, text: 'and goodbye' };
  const tail = {
    lane: 'chat',
    senderId: fan.personId,
    entryId: line.messageId,
    redacts: [],
    kind: 'chat:message',
  } as const;
  await createLogStore(redis, {
    chatPerSecondMax: 100,
    onAppend: createNews(redis, { name: 'log:news', nowMs: Date.now }).note,
  }).append(roomId, [{ tail: { ...tail, body: JSON.stringify(line) }, clientKey: line.messageId }]);

  const pointsOf = async ({ socket: own }: typeof fan) =>
    (await data(send(own, 'fan-club:points', { clubId, rows: 10 }))).rows;
  const given = { source: 'comment', delta: 2 };
  await eventually(async () => (await pointsOf(fan)).length > 1);
  expect(await pointsOf(fan)).toMatchObject([{ ...given, cause: line.messageId }, given]);
  expect(await pointsOf(stranger)).toEqual([]);
});
