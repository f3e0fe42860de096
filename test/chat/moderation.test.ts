import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppError } from '../../shared/errors.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, guest, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { forgetGoneGuests } from '../../server/features/identity/gone-guests.pg.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { createSanctionStore, standingMax } from '../../server/features/moderation/sanctions.pg.ts';
import { createWordStore } from '../../server/features/moderation/words.pg.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from '../room/two-gateways.ts';

describe('order in the chat, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  const say = (visitor: Visitor, text: string, more: { replyToId?: string; requestKey?: string } = {}) =>
    visitor.client.request('chat:send', { roomId: visitor.room.roomId, text, requestKey: newKey(), ...more });
  const sanction = (
    staff: Visitor,
    viewer: Visitor,
    kind: 'mute' | 'timeout' | 'kick' | 'ban' | 'shadow_ban',
    more = {},
  ) =>
    staff.client.request('moderation:sanction', {
      roomId: staff.room.roomId,
      personId: viewer.session.person.personId,
      kind,
      ...more,
    });

  /** What a visitor alone is told from now on. */
  function noticesTo({ client }: Visitor, name: string): unknown[] {
    const told: unknown[] = [];
    client.on('notice', (notice) => notice.name === name && told.push(notice.body));
    return told;
  }

  test('a muted person is told so at once, and why if they are to know, on the other gateway, and may write again when it is lifted', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const told = noticesTo(viewer, 'moderation:told');
    await sanction(staff, viewer, 'mute', { reason: 'for staff alone' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'moderation:sanctioned'));

    const muted = await say(viewer, 'can you hear me?');
    await sanction(staff, viewer, 'shadow_ban', { reason: 'of this they hear nothing', tellReason: true });
    await sanction(staff, viewer, 'mute', { reason: 'no <b>spam</b>', tellReason: true });
    const toldWhy = await eventually(async () => {
      const answer = await say(viewer, 'and why?');
      return answer.outcome === 'muted' && answer.detail;
    });
    await staff.client.request('moderation:lift', {
      roomId: staff.room.roomId,
      personId: viewer.session.person.personId,
    });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'moderation:lifted'));

    expect(muted).toEqual({ outcome: 'muted', retryAfterMs: null, detail: null });
    expect(toldWhy).toBe('no <b>spam</b>');
    const mute = { roomId, kind: 'mute', untilMs: null };
    expect(told).toEqual([
      { ...mute, reason: null },
      { ...mute, reason: 'no <b>spam</b>' },
    ]);
    expect(await say(viewer, 'and now?')).toMatchObject({ outcome: 'sent' });
  });

  test('a timeout says how long it lasts, also the second, longer one when nobody was told of the first', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const byId = staff.session.person.personId;
    const { personId } = viewer.session.person;
    const first = { hostId: byId, roomId, everywhere: false, personId, kind: 'timeout', byId, seconds: 5 } as const;
    await createSanctionStore(house.here.platform.db).add({ ...first, reason: null, purges: false });
    await sanction(staff, viewer, 'timeout', { seconds: 90 });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'moderation:sanctioned'));

    const refused = await say(viewer, 'hello');

    expect(refused).toMatchObject({ outcome: 'muted' });
    expect(refused.outcome === 'muted' && refused.retryAfterMs).toBeGreaterThan(80_000);
  });

  test('a list that is full takes no more, and nobody on it is forgotten', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const troll = await house.visit(house.there, roomId);
    await sanction(staff, troll, 'mute');
    await house.here.platform.db.query(
      `INSERT INTO sanctions (sanction_id, host_id, room_id, person_id, kind, by_id)
       SELECT gen_random_uuid(), $1, $2, $3, 'mute', $1 FROM generate_series(2, $4)`,
      [staff.session.person.personId, roomId, viewer.session.person.personId, standingMax],
    );

    await expect(sanction(staff, viewer, 'mute')).rejects.toMatchObject({ code: 'CONFLICT' });
    const page = (before?: string) =>
      staff.client.request('moderation:list', { roomId, ...(before ? { before } : {}) });
    const first = (await page()).sanctions;
    const next = (await page(first.at(-1)!.sanctionId)).sanctions;
    expect(new Set([...first, ...next].map(({ sanctionId }) => sanctionId)).size).toBe(100);
    expect(await say(troll, 'still here')).toMatchObject({ outcome: 'muted' });
    const { personId } = viewer.session.person;
    await staff.client.request('moderation:lift', { roomId, personId });
    expect(await sanction(staff, viewer, 'mute')).toEqual({ untilMs: null });
  });

  test('a ban closes the room for open sockets, survives coming back, and takes back what was written', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const removed = new Promise((resolve) => viewer.room.on('removed', resolve));
    await say(viewer, 'something bad');
    await eventually(() => staff.texts().includes('something bad'));

    await sanction(staff, viewer, 'ban', { purge: true });

    expect(await removed).toEqual({ reason: 'banned' });
    const banned = { code: 'FORBIDDEN', extras: { reason: 'banned' } };
    await expect(viewer.client.request('room:join', { roomId })).rejects.toMatchObject(banned);
    await expect(say(viewer, 'again')).rejects.toMatchObject(banned);
    const latecomer = await house.visit(house.there, roomId);
    expect(latecomer.texts()).not.toContain('something bad');
    const history = await latecomer.client.request('chat:history', { roomId });
    expect(JSON.stringify(history)).not.toContain('something bad');
  });

  test('who was kicked is told so, and when they may come back, then and whenever they try before', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const removed = new Promise((resolve) => viewer.room.on('removed', resolve));

    const { untilMs } = await sanction(staff, viewer, 'kick', { reason: 'cool down', tellReason: true });

    expect(await removed).toEqual({ reason: 'kicked', untilMs });
    const { extras } = await say(viewer, 'hello?').then(
      () => expect.unreachable('they may not speak'),
      (error: unknown) => error as AppError,
    );
    expect(extras).toMatchObject({ reason: 'kicked', detail: 'cool down' });
    expect(extras.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(extras.retryAfterMs).toBeGreaterThan(40_000);
    const again = viewer.client.room(roomId);
    const refused = new Promise((resolve) => again.on('removed', resolve));
    expect(await refused).toEqual({ reason: 'kicked', untilMs: expect.closeTo(untilMs!, -4), detail: 'cool down' });
  });

  test('a ban closes every room of the host for open sockets and rejects what waits; what was said and is pinned stays, unless asked', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherId = (await house.showOf(staff.session)).roomId;
    const elsewhere = await house.visit(house.there, otherId, viewer.session);
    const removed = new Promise((resolve) => elsewhere.room.on('removed', resolve));
    const pinned = await say(viewer, 'look at me');
    const messageId = pinned.outcome === 'sent' ? pinned.message.messageId : '';
    await staff.client.request('chat:pin', { roomId, messageId });
    const reporter = await house.visit(house.there, roomId);
    await reporter.client.request('chat:report', { roomId, messageId });
    await staff.client.request('chat:configure', { roomId: otherId, hold: 'all' });
    await eventually(() => elsewhere.seen.some(({ kind }) => kind === 'chat:configured'));
    expect(await say(elsewhere, 'something vile')).toMatchObject({ outcome: 'held' });
    const rejected = noticesTo(elsewhere, 'chat:rejected');
    const left = async () => ({
      ...(await staff.client.request('chat:state', { roomId })),
      ...(await staff.client.request('chat:reports', { roomId })),
      seen: (await house.visit(house.there, roomId)).texts(),
    });
    const isInHistory = async () =>
      JSON.stringify(await staff.client.request('chat:history', { roomId })).includes('look at me');

    await sanction(staff, viewer, 'ban');

    expect(await removed).toEqual({ reason: 'banned' });
    expect(await staff.client.request('chat:held', { roomId: otherId })).toEqual({ held: [] });
    await eventually(() => rejected.length > 0);
    const stays = await left();
    expect(stays).toMatchObject({ pinned: { messageId }, seen: ['look at me'] });
    expect(stays.reports).toHaveLength(1);
    await eventually(isInHistory);
    expect(reporter.seen.some(({ kind }) => kind === 'chat:purged')).toBe(false);

    await sanction(staff, viewer, 'ban', { purge: true }); // Thought better of.

    const goes = await left();
    expect(goes).toMatchObject({ pinned: null, reports: [], seen: [] });
    expect(await isInHistory()).toBe(false);
    await eventually(() => reporter.seen.some(({ kind }) => kind === 'chat:purged'));
    await eventually(() =>
      staff.seen.some(({ kind, body }) => kind === 'chat:pinned' && (body as { message: unknown }).message === null),
    );
  });

  test('a ban or a kick whose word was lost still closes all its rooms for open sockets, on every gateway', async () => {
    const { host, roomId } = await house.show();
    const otherId = (await house.showOf(host)).roomId;
    const [viewer, there] = [await house.visit(house.here, roomId), await house.visit(house.there, roomId)];
    const elsewhere = await house.visit(house.there, otherId, viewer.session);
    const removed = [viewer, elsewhere, there].map(({ room }) => new Promise((resolve) => room.on('removed', resolve)));
    const store = createSanctionStore(house.here.platform.db);
    const spoken = { hostId: host.person.personId, roomId, reason: null, byId: host.person.personId, purges: false };

    // As told by a Redis that lost the word.
    const bannedId = viewer.session.person.personId;
    const kickedId = there.session.person.personId;
    for (const { sanctionId } of [
      await store.add({ ...spoken, kind: 'ban', everywhere: true, personId: bannedId, seconds: null }),
      await store.add({ ...spoken, kind: 'kick', everywhere: false, personId: kickedId, seconds: 60 }),
    ])
      await store.noteTold(sanctionId);

    expect(await Promise.all(removed)).toEqual([
      { reason: 'banned' },
      { reason: 'banned' },
      { reason: 'kicked', untilMs: expect.any(Number) },
    ]);
  });

  test('a ban whose process died when it had told one of its rooms is carried out by a worker: told once in each, and its lines gone', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherId = (await house.showOf(staff.session)).roomId;
    const elsewhere = await house.visit(house.there, otherId, viewer.session);
    await Promise.all([say(viewer, 'vile words'), say(elsewhere, 'vile words')]);
    const { db, redis } = house.here.platform;
    const store = createSanctionStore(db);
    const [hostId, personId] = [staff.session.person.personId, viewer.session.person.personId];
    const ban = { kind: 'ban', everywhere: true, seconds: null, purges: true, reason: null } as const;
    // One before it that can't be carried out keeps it waiting no longer.
    const { roomId: troubled, host: other } = await house.show();
    await redis.commands.set(`nm:v1:{room:${troubled}}:log:silent`, 'of another kind');
    await store.add({ ...ban, hostId: other.person.personId, roomId: troubled, personId, byId: other.person.personId });

    const { sanctionId } = await store.add({ ...ban, hostId, roomId, personId, byId: hostId });
    const told = {
      kind: 'moderation:sanctioned',
      body: JSON.stringify({ personId, kind: 'ban', untilMs: null }),
    } as const;
    const tail = { ...told, lane: 'host', senderId: '', entryId: '', redacts: [] } as const;
    const log = createLogStore(redis.commands, { chatPerSecondMax: 100 });
    await log.append(roomId, [{ tail, clientKey: `sanction-${sanctionId}` }]);
    await db.query(`UPDATE sanctions SET at = at - interval '6 seconds' WHERE person_id = $1`, [personId]);

    const isTold = async () =>
      (await db.query('SELECT FROM sanctions WHERE sanction_id = $1 AND told', [sanctionId])).rowCount === 1;
    await eventually(isTold, { deadlineMs: 20_000 });
    await redis.commands.del(`nm:v1:{room:${troubled}}:log:silent`);
    await say(staff, 'the end');
    await eventually(() => staff.texts().includes('the end'));
    const latecomers = [await house.visit(house.there, roomId), await house.visit(house.there, otherId)];
    expect(latecomers.flatMap(({ texts }) => texts())).toEqual(['the end']);
    expect(staff.seen.filter(({ kind }) => kind === 'moderation:sanctioned')).toHaveLength(1);
  });

  test('a ban lifted before it was told takes back in every room what was said before the pardon, and nothing of after it', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherId = (await house.showOf(staff.session)).roomId;
    const elsewhere = await house.visit(house.there, otherId, viewer.session);
    await Promise.all([say(viewer, 'vile words'), say(elsewhere, 'vile words')]);
    const { db } = house.here.platform;
    const store = createSanctionStore(db);
    const [hostId, personId] = [staff.session.person.personId, viewer.session.person.personId];
    const ban = { kind: 'ban', everywhere: true, seconds: null, purges: true, reason: null } as const;
    // By a process that died then.
    const { sanctionId } = await store.add({ ...ban, hostId, roomId, personId, byId: hostId });

    expect(await staff.client.request('moderation:lift', { roomId, personId })).toEqual({ lifted: 1 });
    await db.query(
      `UPDATE sanctions SET at = at - interval '9 s', lifted_at = lifted_at - interval '9 s' WHERE sanction_id = $1`,
      [sanctionId],
    );
    const again = [
      await house.visit(house.there, roomId, viewer.session),
      await house.visit(house.there, otherId, viewer.session),
    ];
    for (const visitor of again) await eventually(async () => (await say(visitor, 'thanks')).outcome === 'sent');

    expect(await store.untoldLifts(100)).not.toContainEqual(expect.objectContaining({ personId }));
    expect(await store.untold(100)).not.toContainEqual(expect.objectContaining({ personId }));
    const latecomers = [await house.visit(house.there, roomId), await house.visit(house.there, otherId)];
    expect(latecomers.map(({ texts }) => texts())).toEqual([['thanks'], ['thanks']]);
  });

  test('who is slow at carrying out a sanction does not hide that it was lifted meanwhile', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const { db } = house.here.platform;
    const store = createSanctionStore(db);
    const [hostId, personId] = [staff.session.person.personId, viewer.session.person.personId];
    const mute = { kind: 'mute', everywhere: false, seconds: null, purges: false, reason: null } as const;
    const { sanctionId } = await store.add({ ...mute, hostId, roomId, personId, byId: hostId });
    await store.noteTold(sanctionId);
    // By a process that dies before it can say so.
    await store.lift({ hostId, roomId, everywhere: true, personId, kind: null, byId: hostId });

    await store.noteTold(sanctionId);
    await db.query(`UPDATE sanctions SET lifted_at = lifted_at - interval '6 s' WHERE sanction_id = $1`, [sanctionId]);

    await eventually(() => viewer.seen.some(({ kind }) => kind === 'moderation:lifted'), { deadlineMs: 20_000 });
  });

  test('who is told to be kicked goes also while PostgreSQL does not say whether they may stay', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const { db, redis } = house.here.platform;
    const removed = new Promise((resolve) => viewer.room.on('removed', resolve));
    const hanging = await db.connect();
    await hanging.query('BEGIN; LOCK TABLE sanctions IN ACCESS EXCLUSIVE MODE');
    const startedAtMs = performance.now();

    const { personId } = viewer.session.person;
    const body = JSON.stringify({ personId, kind: 'kick', untilMs: Date.now() + 60_000 });
    const tail = { kind: 'moderation:sanctioned', body, lane: 'host', senderId: '', entryId: '', redacts: [] } as const;
    await createLogStore(redis.commands, { chatPerSecondMax: 100 }).append(roomId, [{ tail, clientKey: undefined }]);
    const told = await removed;
    const tookMs = performance.now() - startedAtMs;
    await hanging.query('ROLLBACK');
    hanging.release();

    expect(told).toMatchObject({ reason: 'kicked' });
    expect(tookMs).toBeLessThan(4_000);
    expect(staff.room.state()).toBe('joined');
  });

  test('a ban of a helper counts in their room alone, one of the host everywhere, and only the host lifts it', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherId = (await house.showOf(staff.session)).roomId;
    const helper = await account(house.there);
    await staff.client.request('room:set-staff', { roomId, personId: helper.person.personId, role: 'moderator' });
    const moderator = await house.visit(house.there, roomId, helper);
    const { personId } = viewer.session.person;
    const lookInto = (id: string) =>
      viewer.client.request('room:get', { roomId: id }).then(
        () => 'let in',
        (error: unknown) => (error as { code: string }).code,
      );
    const listed = async () => (await moderator.client.request('moderation:list', { roomId })).sanctions;

    await sanction(moderator, viewer, 'ban');
    await eventually(async () => (await lookInto(roomId)) === 'FORBIDDEN');
    expect(await lookInto(otherId)).toBe('let in');
    const { personId: byId, name: byName } = moderator.session.person;
    expect(await listed()).toMatchObject([{ kind: 'ban', everywhere: false, byId, byName }]);

    await sanction(staff, viewer, 'ban');
    await eventually(async () => (await lookInto(otherId)) === 'FORBIDDEN');
    expect(await moderator.client.request('moderation:lift', { roomId, personId })).toEqual({ lifted: 1 });
    expect(await listed()).toMatchObject([{ kind: 'ban', everywhere: true }]);
    expect(await staff.client.request('moderation:lift', { roomId, personId })).toEqual({ lifted: 1 });
    await eventually(async () => (await lookInto(otherId)) === 'let in');
  });

  test('what ran out is noted as ended when it did, and forgotten long after; what stands is neither', async () => {
    const { staff, viewer } = await house.hostAndViewer();
    const { db } = house.here.platform;
    const store = createSanctionStore(db);
    await sanction(staff, viewer, 'mute');
    await sanction(staff, viewer, 'timeout', { seconds: 60 });
    await db.query(`UPDATE sanctions SET until = now() - interval '5 days' WHERE host_id = $1 AND kind = 'timeout'`, [
      staff.session.person.personId,
    ]);
    const kept = async () => {
      const read = 'SELECT kind, lifted_at = until AS ended FROM sanctions WHERE host_id = $1 ORDER BY kind';
      return (await db.query(read, [staff.session.person.personId])).rows;
    };

    await store.endOver(1_000);
    await store.forgetOver(6, 1_000);
    expect(await kept()).toEqual([
      { kind: 'mute', ended: null },
      { kind: 'timeout', ended: true },
    ]);
    await store.forgetOver(4, 1_000);
    expect(await kept()).toEqual([{ kind: 'mute', ended: null }]);
  });

  test.each([
    ['mute', { outcome: 'muted' }],
    ['ban', 'FORBIDDEN'],
  ] as const)(
    'after a %s nothing of the person gets in through a gateway that did not hear of it',
    async (kind, expected) => {
      const { host, roomId } = await house.show();
      const staff = await house.visit(house.here, roomId, host);
      const person = await guest(house.there);
      // Nobody is in the room on that gateway, which believes what it reads now until its next look for changes.
      const sayThere = async (text: string) => {
        const body = { text, requestKey: newKey() };
        const token = person.accessToken;
        return (await call(house.there, 'POST', `/api/rooms/${roomId}/chat`, { token, body })).body;
      };
      expect(await sayThere('before')).toMatchObject({ data: { outcome: 'sent' } });
      await eventually(() => staff.texts().includes('before'));

      const { personId } = person.person;
      await staff.client.request('moderation:sanction', { roomId, personId, kind });
      const answer = await sayThere('after');

      expect(answer).toMatchObject(typeof expected === 'string' ? { error: { code: expected } } : { data: expected });
      await say(staff, 'the end');
      await eventually(() => staff.texts().includes('the end'));
      expect(staff.texts()).not.toContain('after');

      await staff.client.request('moderation:lift', { roomId, personId });
      await eventually(async () => (await sayThere(`again ${newKey()}`)).data?.outcome === 'sent');
    },
  );

  test('words of the platform are banned from the first message that a new gateway hears', async () => {
    const { host, roomId } = await house.show();
    const word = `badword${newKey().replaceAll('-', '')}`;
    const words = createWordStore(house.here.platform.db);
    await words.add(null, [{ word, folded: word }], host.person.personId);
    const fresh = await startTestApp(house.stores);
    const { accessToken: token } = await guest(fresh);

    const body = { text: word, requestKey: newKey() };
    const answer = (await call(fresh, 'POST', `/api/rooms/${roomId}/chat`, { token, body })).body;
    await fresh.close();
    await words.add(null, [{ word, folded: `now ${word}` }], host.person.personId);
    expect((await words.list(null)).filter((one) => one === word)).toHaveLength(1);
    // The list may be of a version that folded it otherwise.
    await words.remove(null, [{ word, folded: `now ${word}` }]);

    expect(answer).toMatchObject({ data: { outcome: 'banned_word' } });
  });

  test('who runs the platform bans a word, and gateways at work refuse it within seconds; allowed again, it is said', async () => {
    const { roomId } = await house.show();
    const operator = await operatorOf(house);
    const words = (method: string) =>
      call(house.here, method, '/api/platform/banned-words', { token: operator.accessToken, body: { words: [word] } });
    const word = `nowhere${newKey().replaceAll('-', '')}`;
    const said = async (at: TwoGateways['here']): Promise<string> => {
      const { accessToken: token } = await guest(at);
      const body = { text: `so ${word} it is`, requestKey: newKey() };
      return (await call(at, 'POST', `/api/rooms/${roomId}/chat`, { token, body })).body.data.outcome;
    };
    expect(await said(house.there)).toBe('sent');

    expect((await words('POST')).body.data.words).toContain(word);
    expect(await said(house.here)).toBe('banned_word');
    await eventually(async () => (await said(house.there)) === 'banned_word');

    expect((await words('DELETE')).body.data.words).not.toContain(word);
    await eventually(async () => (await said(house.there)) === 'sent');
  });

  test('slow mode and timeouts go by one clock, whatever those of the gateways say', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const minuteAhead = await startTestApp(house.stores, { nowMs: () => Date.now() + 60_000 });
    await staff.client.request('chat:configure', { roomId, slowSeconds: 30 });
    await eventually(() => staff.seen.some(({ kind }) => kind === 'chat:configured'));
    const { accessToken: token } = await guest(house.here);
    const sayOn = async (app: TwoGateways['here'], text: string, by = token) =>
      (await call(app, 'POST', `/api/rooms/${roomId}/chat`, { token: by, body: { text, requestKey: newKey() } })).body
        .data;

    const answers = [await sayOn(house.here, 'one'), await sayOn(minuteAhead, 'two'), await sayOn(house.here, 'three')];
    const ahead = await sayOn(minuteAhead, 'four');
    const muted = await guest(house.here);
    const { personId } = muted.person;
    await staff.client.request('moderation:sanction', { roomId, personId, kind: 'timeout', seconds: 30 });
    const whenMuted = await sayOn(minuteAhead, 'five', muted.accessToken);
    const follower = await account(house.here);
    await call(house.here, 'PUT', `/api/hosts/${host.person.personId}/follow`, { token: follower.accessToken });
    await staff.client.request('chat:configure', { roomId, audience: 'followers', followMinutesMin: 1 });
    const tooYoung = await eventually(async () => {
      const answer = await sayOn(minuteAhead, `six ${newKey()}`, follower.accessToken);
      return answer.outcome === 'followers_only' && answer;
    });
    await minuteAhead.close();

    expect(answers.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'slow_mode']);
    expect(whenMuted.outcome).toBe('muted');
    expect(tooYoung.retryAfterMs).toBeGreaterThan(30_000);
    for (const { retryAfterMs } of [answers[2], ahead, whenMuted]) {
      expect(retryAfterMs).toBeGreaterThan(20_000);
      expect(retryAfterMs).toBeLessThanOrEqual(30_000);
    }
  });

  test('ten messages of one person wait for a moderator, and the eleventh is told so', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await staff.client.request('chat:configure', { roomId, hold: 'all' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));

    const requestKey = newKey();
    const outcomes = [(await say(viewer, 'line 0', { requestKey })).outcome];
    for (let i = 1; i <= 10; i += 1) outcomes.push((await say(viewer, `line ${i}`)).outcome);

    expect(outcomes).toEqual([...Array<string>(10).fill('held'), 'too_many_held']);
    expect(await say(viewer, 'line 0', { requestKey })).toMatchObject({ outcome: 'held' });
  });

  test('a message that waits says why, and its sender is told on the other gateway when it is rejected, and when they ask again', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const rejected = noticesTo(viewer, 'chat:rejected');
    await staff.client.request('moderation:add-words', { roomId, words: ['scam'] });
    await staff.client.request('chat:configure', { roomId, hold: 'banned_words' });
    const heldBack = (words: string) =>
      eventually(async () => {
        const requestKey = newKey();
        const text = `${words} ${requestKey}`;
        const answer = await say(viewer, text, { requestKey });
        return answer.outcome === 'held' && { answer, again: () => say(viewer, text, { requestKey }) };
      });
    const word = await heldBack('is it a s.c.a.m?');
    await staff.client.request('chat:configure', { roomId, hold: 'links' });
    const link = await heldBack('see https://example.test');
    await staff.client.request('chat:configure', { roomId, hold: 'all' });
    const own = await heldBack('oh well');
    const { messageId, text } = word.answer.message;

    await staff.client.request('chat:decide', { roomId, messageId, approve: false });
    await staff.client.request('chat:decide', { roomId, messageId, approve: true }); // By somebody whose list is old.
    await viewer.client.request('chat:delete', { roomId, messageId: own.answer.message.messageId });
    await eventually(() => rejected.length > 0);

    expect(word.answer).toMatchObject({ reason: 'banned_word', detail: 'scam', decision: null });
    expect(link.answer).toMatchObject({ reason: 'link', detail: null, decision: null });
    expect(own.answer).toMatchObject({ reason: 'all', detail: null, decision: null });
    expect(await word.again()).toEqual({ ...word.answer, decision: 'rejected' });
    expect(await link.again()).toEqual(link.answer);
    expect(await own.again()).toEqual(own.answer); // Who took it back knows.
    expect(rejected).toEqual([{ roomId, messageId, text, why: 'moderator' }]);
  });

  test('a hundred who fill the queue of a room do not shut out who has said nothing yet, and who gives way is told', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const loudest = await house.visit(house.here, roomId);
    const rejected = noticesTo(loudest, 'chat:rejected');
    await staff.client.request('chat:configure', { roomId, hold: 'all' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));
    const { rows } = await house.here.platform.db.query<{ personId: string }>(
      `WITH others AS (
         INSERT INTO people (person_id, kind, display_name)
         SELECT gen_random_uuid(), 'guest', 'One of many' FROM generate_series(1, 99) RETURNING person_id),
       crowd AS (SELECT person_id, 10 AS lines FROM others UNION ALL SELECT $2::uuid, 11),
       held AS (
         INSERT INTO held_messages (message_id, room_id, sender_id, message, reason)
         SELECT id, $1, person_id, jsonb_build_object('messageId', id, 'senderId', person_id, 'text', 'one of many'), 'all'
         FROM crowd, LATERAL (SELECT gen_random_uuid() AS id FROM generate_series(1, lines)) AS line)
       SELECT person_id AS "personId" FROM crowd`,
      [roomId, loudest.session.person.personId],
    );
    const waitingOf = async (personIds: string[]) =>
      house.here.platform.db
        .query('SELECT FROM held_messages WHERE sender_id = ANY ($1) AND decision IS NULL', [personIds])
        .then(({ rowCount }) => rowCount);

    const outcomes = [];
    for (let i = 0; i < 10; i += 1) outcomes.push((await say(viewer, `line ${i}`)).outcome);

    expect(outcomes).toEqual([...Array<string>(9).fill('held'), 'too_many_held']);
    expect(await waitingOf([viewer.session.person.personId])).toBe(9);
    expect(await waitingOf(rows.map(({ personId }) => personId))).toBe(992);
    const messageId = expect.any(String);
    await eventually(() => rejected.length > 0);
    expect(rejected[0]).toEqual({ roomId, messageId, text: 'one of many', why: 'crowded_out' });
  });

  test('a shadow-banned person is told that a message waits wherever everybody is told so', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await staff.client.request('chat:configure', { roomId, hold: 'all' });
    await sanction(staff, viewer, 'shadow_ban');

    const unheard = await eventually(async () => {
      const requestKey = newKey();
      const answer = await say(viewer, 'is this on?', { requestKey });
      const { held } = await staff.client.request('chat:held', { roomId, rows: 100 });
      const waits = held.some(
        ({ message }) => answer.outcome === 'held' && message.messageId === answer.message.messageId,
      );
      return answer.outcome === 'held' && !waits && { answer, requestKey };
    });

    const { requestKey } = unheard;
    await say(viewer, 'something between');
    expect(await say(viewer, 'is this on?', { requestKey })).toEqual(unheard.answer);
    await expect(say(viewer, 'or this?', { requestKey })).rejects.toMatchObject({ code: 'KEY_REUSED' });
    await eventually(async () => (await say(viewer, newKey())).outcome === 'too_many_held');
  });

  test('two who change the chat at the same time both get their way', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const elsewhere = await house.visit(house.there, roomId, staff.session);

    await Promise.all([
      staff.client.request('chat:configure', { roomId, slowSeconds: 7 }),
      elsewhere.client.request('chat:configure', { roomId, hold: 'links' }),
      staff.client.request('chat:configure', { roomId, followMinutesMin: 3 }),
    ]);

    const { settings } = await staff.client.request('chat:state', { roomId });
    expect(settings).toMatchObject({ slowSeconds: 7, hold: 'links', followMinutesMin: 3, audience: 'everyone' });
    await staff.client.request('chat:announce', { roomId, text: 'the end' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:announced'));
    expect(viewer.seen.findLast(({ kind }) => kind === 'chat:configured')?.body).toEqual(settings);
  });

  test('what a process changed that died before it could say so is said by a worker', async () => {
    const troubled = await house.hostAndViewer();
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const changed = `UPDATE chat_settings SET announcement = 'doors close', untold = '{announcement}' WHERE room_id = $1`;
    for (const one of [troubled, { roomId, staff }])
      await one.staff.client.request('chat:configure', { roomId: one.roomId, slowSeconds: 1 });
    // The one before can't be told, and keeps nobody waiting.
    await house.here.platform.redis.commands.set(`nm:v1:{room:${troubled.roomId}}:log:meta`, 'of another kind');
    for (const id of [troubled.roomId, roomId]) await house.here.platform.db.query(changed, [id]);

    const announced = () => viewer.seen.find(({ kind }) => kind === 'chat:announced');
    const told = await eventually(announced, { deadlineMs: 20_000 });

    await house.here.platform.redis.commands.del(`nm:v1:{room:${troubled.roomId}}:log:meta`);
    expect(told.body).toEqual({ text: 'doors close' });
  });

  test('a mute asked for twice because Redis was away is one, and its end is told by a worker', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const { redis, db } = house.here.platform;
    const meta = `nm:v1:{room:${roomId}}:log:meta`;
    const withoutLog = async (run: () => Promise<unknown>): Promise<void> => {
      await redis.commands.rename(meta, `${meta}:away`);
      await redis.commands.set(meta, 'of another kind');
      await run().catch(() => undefined);
      await redis.commands.rename(`${meta}:away`, meta);
    };
    const { personId } = viewer.session.person;
    const spammer = await house.visit(house.there, roomId);
    await say(spammer, 'buy elsewhere');
    await eventually(() => staff.texts().includes('buy elsewhere'));
    const who = { roomId, personId: spammer.session.person.personId };
    const purging = { ...who, kind: 'mute', purge: true } as const;
    await withoutLog(() => staff.client.request('moderation:sanction', purging, { triesMax: 1 }));
    await staff.client.request('moderation:lift', who);

    await withoutLog(() => sanction(staff, viewer, 'mute'));
    await sanction(staff, viewer, 'mute');
    const { sanctions } = await staff.client.request('moderation:list', { roomId });
    await withoutLog(() => staff.client.request('moderation:lift', { roomId, personId }));
    await db.query(`UPDATE sanctions SET lifted_at = lifted_at - interval '6 seconds' WHERE person_id = $1`, [
      personId,
    ]);
    const lifted = () => viewer.seen.filter(({ kind }) => kind === 'moderation:lifted').length;
    await eventually(() => lifted() === 2);

    // Told before it was lifted, it has taken back what it was to take back.
    expect(viewer.seen.filter(({ kind }) => kind === 'chat:purged').map(({ body }) => body)).toEqual([
      { personId: who.personId },
    ]);
    expect(sanctions).toMatchObject([{ kind: 'mute' }]);
    const sanctioned = viewer.seen.flatMap((entry) => (entry.kind === 'moderation:sanctioned' ? [entry.body] : []));
    expect(sanctioned.filter((body) => body.personId === personId)).toHaveLength(1);
  });

  test('somebody banned who was then asked to help stays when order is kept in the room', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const other = await house.visit(house.there, roomId);
    const { personId } = viewer.session.person;
    const hostId = staff.session.person.personId;
    await sanction(staff, viewer, 'ban');
    await eventually(() => viewer.room.state() === 'left');
    await staff.client.request('room:set-staff', { roomId, personId, role: 'moderator' });
    const helper = await house.visit(house.there, roomId, viewer.session);

    await sanction(staff, other, 'ban');
    await eventually(() => other.room.state() === 'left');
    // Nobody is told of this one but by the look for who was put out lately, which finds the helper too.
    const last = await house.visit(house.there, roomId);
    const spoken = { hostId, roomId, everywhere: false, kind: 'ban', byId: hostId, seconds: null } as const;
    const banned = { ...spoken, personId: last.session.person.personId, reason: null, purges: false };
    const store = createSanctionStore(house.there.platform.db);
    await store.noteTold((await store.add(banned)).sanctionId);
    await eventually(() => last.room.state() === 'left');
    await say(helper, 'still here');

    await eventually(() => staff.texts().includes('still here'));
    expect(helper.room.state()).toBe('joined');
  });

  test('what was written by somebody who is forgotten meanwhile can be taken back', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await say(viewer, 'spam of a guest');
    await eventually(() => staff.texts().includes('spam of a guest'));
    const { db } = house.here.platform;
    const { personId, name } = viewer.session.person;
    const archived = 'SELECT FROM room_log_entries WHERE room_id = $1 AND sender_id = $2';
    await eventually(async () => (await db.query(archived, [roomId, personId])).rowCount === 1);
    await db.query('DELETE FROM people WHERE person_id = $1', [personId]);

    for (let tries = 0; tries < 2; tries++) {
      const banned = sanction(staff, viewer, 'ban', { purge: true });
      await expect(banned).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }

    const latecomer = await house.visit(house.there, roomId);
    expect(latecomer.texts()).not.toContain('spam of a guest');
    const { actions } = await staff.client.request('room:actions', { roomId });
    expect(actions).toMatchObject([{ kind: 'messages-purged', personId: null, name }]);
  });

  test('a shadow-banned person is answered as before and sees it everywhere, and nobody else sees a word', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherTab = await house.visit(house.here, roomId, viewer.session);
    const bystander = await house.visit(house.there, roomId);
    const leftOut: number[] = [];
    for (const { room } of [staff, bystander]) room.on('omitted', (count) => leftOut.push(count));
    await sanction(staff, viewer, 'shadow_ban');

    const { unheard, requestKey } = await eventually(async () => {
      const requestKey = newKey();
      const answer = await say(viewer, `unheard ${requestKey}`, { requestKey });
      await say(staff, `after ${requestKey}`);
      const heard = staff.texts().includes(`unheard ${requestKey}`);
      return !heard && answer.outcome === 'sent' && { unheard: answer, requestKey };
    });
    const { text, messageId, senderId } = unheard.message;
    const before = { epoch: unheard.position.epoch, offset: unheard.position.offset - 1 };
    await eventually(() => [viewer, otherTab].every(({ texts }) => texts().includes(text)));
    const reloaded = [await house.visit(house.there, roomId, viewer.session), await house.visit(house.there, roomId)];
    const back = [viewer, bystander].map(({ client }) => client.request('room:join', { roomId, position: before }));
    const toldAgain = (await Promise.all(back)).map(({ recovered, entries, omitted }) => ({
      recovered,
      omitted,
      times: JSON.stringify(entries).split(`"${text}"`).length - 1,
    }));
    const inHistory = async ({ client }: Visitor) =>
      JSON.stringify((await client.request('chat:history', { roomId })).entries).includes(`"${text}"`);
    await eventually(() => inHistory(otherTab));
    const othersRead = [await inHistory(staff), await inHistory(bystander)];
    const next = await say(viewer, `and ${text}`);
    const repeated = await say(viewer, text, { requestKey });
    const other = say(viewer, 'something else', { requestKey });
    await expect(other).rejects.toMatchObject({ code: 'KEY_REUSED' });
    const takenBack = [];
    for (let i = 0; i < 2; i += 1) takenBack.push(await viewer.client.request('chat:delete', { roomId, messageId }));
    await say(staff, 'the end');
    await eventually(() => [staff, bystander, otherTab].every(({ texts }) => texts().includes('the end')));

    expect([viewer, otherTab].map(({ texts }) => texts().filter((own) => own === text))).toEqual([[text], [text]]);
    expect(otherTab.texts()).toContain(`and ${text}`);
    expect(reloaded.map(({ texts }) => texts().includes(text))).toEqual([true, false]);
    expect(toldAgain).toEqual([
      { recovered: true, omitted: 0, times: 1 },
      { recovered: true, omitted: 0, times: 0 },
    ]);
    expect(othersRead).toEqual([false, false]);
    expect(await inHistory(otherTab)).toBe(false);
    expect(senderId).toBe(viewer.session.person.personId);
    // Each has a place of its own, as whatever is said.
    expect(next.outcome === 'sent' && next.position.offset).toBeGreaterThan(unheard.position.offset);
    expect(repeated).toEqual(unheard);
    expect(takenBack).toEqual([{ deleted: true }, { deleted: false }]);
    expect([staff, bystander].flatMap(({ texts }) => texts()).filter((heard) => heard.includes(text))).toEqual([]);
    expect(leftOut).toEqual([]);
    expect(staff.seen.some(({ kind }) => kind === 'moderation:sanctioned')).toBe(false);
  });

  test('host and staff can not be sanctioned, and viewers sanction nobody', async () => {
    const { staff, viewer } = await house.hostAndViewer();

    await expect(sanction(staff, staff, 'mute')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(sanction(viewer, staff, 'mute')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('who helps in one room is not banned by the staff of another, which would shut them out of both', async () => {
    const { staff, viewer } = await house.hostAndViewer();
    const other = await house.showOf(staff.session);
    const { personId } = viewer.session.person;
    await staff.client.request('room:set-staff', { roomId: other.roomId, personId, role: 'moderator' });

    await expect(sanction(staff, viewer, 'ban')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await sanction(staff, viewer, 'mute')).toEqual({ untilMs: null });
    await staff.client.request('room:cancel', { roomId: other.roomId });
    expect(await sanction(staff, viewer, 'ban')).toEqual({ untilMs: null });
  });

  test('a moderator keeps order, and can not end the show', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const helper = await account(house.there);
    await staff.client.request('room:set-staff', { roomId, personId: helper.person.personId, role: 'moderator' });
    const moderator = await house.visit(house.there, roomId, helper);

    await sanction(moderator, viewer, 'mute');

    await expect(moderator.client.request('room:end', { roomId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const said = await say(moderator, 'please be kind');
    expect(said).toMatchObject({ outcome: 'sent', message: { badge: 'moderator' } });
  });

  test('a deleted message disappears for all, and does not come back by joining again', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const said = await say(viewer, 'oh no');
    const messageId = said.outcome === 'sent' ? said.message.messageId : '';
    const other = await house.visit(house.here, roomId);

    await expect(other.client.request('chat:delete', { roomId, messageId })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const deleted = await viewer.client.request('chat:delete', { roomId, messageId });

    expect(deleted).toEqual({ deleted: true });
    await eventually(() => staff.seen.some(({ kind }) => kind === 'chat:deleted'));
    const latecomer = await house.visit(house.there, roomId);
    expect(latecomer.texts()).not.toContain('oh no');
  });

  test('slow mode says how long to wait, lets two follow each other, and does not hold the host up', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await staff.client.request('chat:configure', { roomId, slowSeconds: 30 });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));

    const answers = [await say(viewer, 'one'), await say(viewer, 'two'), await say(viewer, 'three')];

    expect(answers.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'slow_mode']);
    const [, , refused] = answers;
    expect(refused!.outcome === 'slow_mode' && refused!.retryAfterMs).toBeGreaterThan(25_000);
    for (const text of ['a', 'b', 'c']) expect(await say(staff, text)).toMatchObject({ outcome: 'sent' });
    await staff.client.request('chat:configure', { roomId, slowSeconds: 0 });
    await eventually(() => viewer.seen.filter(({ kind }) => kind === 'chat:configured').length === 2);
    await eventually(async () => (await say(viewer, `fast again ${newKey()}`)).outcome === 'sent', {
      deadlineMs: 2_000,
    });
  });

  test('a chat for followers wants a follow, and one that is old enough', async () => {
    const { roomId, staff } = await house.hostAndViewer();
    const fan = await house.visit(house.there, roomId, await account(house.there));
    await staff.client.request('chat:configure', { roomId, audience: 'followers', followMinutesMin: 10 });
    await eventually(() => fan.seen.some(({ kind }) => kind === 'chat:configured'));

    const stranger = await say(fan, 'hello');
    await fan.client.request('follow:start', { hostId: staff.session.person.personId });
    const fresh = await say(fan, 'hello again');
    await staff.client.request('chat:configure', { roomId, followMinutesMin: 0 });
    await eventually(() => fan.seen.filter(({ kind }) => kind === 'chat:configured').length === 2);

    expect(stranger).toEqual({ outcome: 'followers_only', retryAfterMs: null, detail: '10' });
    expect(fresh).toMatchObject({ outcome: 'followers_only' });
    expect(fresh.outcome === 'followers_only' && fresh.retryAfterMs).toBeGreaterThan(9 * 60_000);
    expect(await say(fan, 'at last')).toMatchObject({ outcome: 'sent' });
  });

  test('a chat for fans wants a membership and its level; a line shows its sender as the host, or as a fan of a level', async () => {
    const { roomId, staff, viewer: stranger } = await house.hostAndViewer();
    const clubId = staff.session.person.personId;
    const fan = await house.visit(house.there, roomId, await account(house.there, 'Fan'));
    await staff.client.request('fan-club:set', { clubId, greeting: 'Welcome!' });
    await fan.client.request('fan-club:join', { clubId });
    const configured = (times: number) => () =>
      fan.seen.filter(({ kind }) => kind === 'chat:configured').length === times;
    await staff.client.request('chat:configure', { roomId, audience: 'fans', fanLevelMin: 1 });
    await eventually(configured(1));

    const ofStranger = await say(stranger, 'hello');
    const ofFan = await say(fan, 'hello host');
    const ofHost = await say(staff, 'hello fans');
    await staff.client.request('chat:configure', { roomId, fanLevelMin: 2 });
    await eventually(configured(2));

    const refusal = { outcome: 'fans_only', retryAfterMs: null };
    expect(ofStranger).toEqual({ ...refusal, detail: '1' });
    expect(ofFan).toMatchObject({ outcome: 'sent', message: { badge: null, fanLevel: 1 } });
    expect(ofHost).toMatchObject({ outcome: 'sent', message: { badge: 'host' } });
    expect(await say(fan, 'and now?')).toEqual({ ...refusal, detail: '2' });
  });

  test('letters of any script, emoji and markup arrive as they were written, and whoever is named in them is named', async () => {
    const { staff, viewer } = await house.hostAndViewer();
    const { personId, name } = viewer.session.person;
    const text = `@${name} 👨‍👩‍👧 مرحبا 你好，こんにちは <b onclick="x">&amp;</b> 𠮷`;

    const { roomId } = staff.room;
    await staff.client.request('chat:send', { roomId, text, mentions: [personId], requestKey: newKey() });
    const heard = await eventually(() => viewer.seen.find(({ kind }) => kind === 'chat:message'));

    expect(heard.body).toMatchObject({ text, mentions: [personId] });
  });

  test('a banned word is found however it is written, and its sender is told which', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await staff.client.request('moderation:add-words', { roomId, words: ['微信', 'scam'] });

    const found = await eventually(async () => {
      const answer = await say(viewer, `加 微.信 ${newKey()}`);
      return answer.outcome === 'banned_word' && answer;
    });

    expect(found).toEqual({ outcome: 'banned_word', retryAfterMs: null, detail: '微信' });
    expect(await say(viewer, 'this is a ＳＣＡＭ')).toMatchObject({ outcome: 'banned_word', detail: 'scam' });
    expect(await say(viewer, 'scampi tonight')).toMatchObject({ outcome: 'sent' });
    const named = await house.visit(house.there, roomId, await guest(house.there, '加微 信 abc'));
    expect(await say(named, 'hi')).toMatchObject({ outcome: 'banned_word', detail: '微信' });
  });

  test('a held message is taken back by its sender, not said for the banned, and said by a worker when its approver died', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [banned, lucky] = [await house.visit(house.there, roomId), await house.visit(house.there, roomId)];
    await staff.client.request('chat:configure', { roomId, hold: 'all' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));
    const hold = async (visitor: Visitor, text: string): Promise<string> => {
      const answer = await say(visitor, text);
      return answer.outcome === 'held' ? answer.message.messageId : answer.outcome;
    };
    const [slipId, vileId, deadId, toldId] = [
      await hold(viewer, 'slip'),
      await hold(banned, 'vile'),
      await hold(lucky, 'lucky'),
      await hold(lucky, 'told before'),
    ];
    const decide = (messageId: string) => staff.client.request('chat:decide', { roomId, messageId, approve: true });

    expect(await viewer.client.request('chat:delete', { roomId, messageId: slipId })).toEqual({ deleted: true });
    expect(await decide(slipId)).toEqual({ decision: 'rejected' });
    await sanction(staff, banned, 'ban');
    const { db } = house.here.platform;
    const undecided = `UPDATE held_messages SET decision = NULL, decided_at = NULL, decided_by = NULL WHERE message_id = $1`;
    await db.query(undecided, [vileId]);
    await expect(decide(vileId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await decide(toldId);
    await forgetSaid(roomId, toldId);
    const approved = `
      UPDATE held_messages SET decision = 'approved', said = false, decided_at = now() - interval '6 seconds'
      WHERE message_id = ANY ($1)`;
    await db.query(approved, [[deadId, vileId, toldId]]);
    await eventually(() => staff.texts().includes('lucky'), { deadlineMs: 20_000 });
    await eventually(
      async () => {
        const { rows } = await db.query('SELECT FROM held_messages WHERE room_id = $1 AND said', [roomId]);
        return rows.length === 3;
      },
      { deadlineMs: 20_000 },
    );
    expect(staff.texts()).toEqual(['told before', 'lucky']);
  });

  /** As a room does that goes on: the archive has the message, and the log has forgotten its key. */
  async function forgetSaid(roomId: string, messageId: string): Promise<void> {
    const { db, redis } = house.here.platform;
    const find = 'SELECT FROM room_log_entries WHERE room_id = $1 AND entry_id = $2';
    await eventually(async () => (await db.query(find, [roomId, messageId])).rowCount === 1);
    await redis.commands.del(['seen', 'seen-old'].map((part) => `nm:v1:{room:${roomId}}:log:${part}`));
  }

  test('a held message waits for a moderator and is said once, also when an old list is gone through after it was deleted', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    await staff.client.request('chat:configure', { roomId, hold: 'links' });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));

    const calls: unknown[] = [];
    staff.client.on('notice', ({ name, body }) => name === 'chat:waiting' && calls.push(body));
    viewer.client.on('notice', ({ name }) => name === 'chat:waiting' && calls.push('to the viewer'));
    const held = await say(viewer, 'see https://example.test');
    await eventually(() => calls.length > 0);
    const { held: waiting } = await staff.client.request('chat:held', { roomId });
    const messageId = waiting[0]!.message.messageId;
    await staff.client.request('chat:decide', { roomId, messageId, approve: true });
    await staff.client.request('chat:decide', { roomId, messageId, approve: true });
    await staff.client.request('chat:delete', { roomId, messageId });
    await forgetSaid(roomId, messageId);
    await staff.client.request('chat:decide', { roomId, messageId, approve: true });
    await say(staff, 'thanks');
    await eventually(() => viewer.texts().includes('thanks'));

    expect(held).toMatchObject({ outcome: 'held' });
    await eventually(() => calls.length > 1); // That somebody decided is told to all who look at the list.
    expect(calls).toEqual([1, 0].map((left) => ({ roomId, waiting: left })));
    expect(waiting).toMatchObject([{ reason: 'link', message: { text: 'see https://example.test' } }]);
    expect(viewer.texts().filter((text) => text.startsWith('see'))).toHaveLength(1);
  });

  test('the same text again is a flood, the same key again is the same message', async () => {
    const { viewer } = await house.hostAndViewer();
    const requestKey = newKey();

    const [first, retried] = [
      await say(viewer, 'buy now', { requestKey }),
      await say(viewer, 'buy now', { requestKey }),
    ];
    const flood = await say(viewer, 'BUY  NOW');

    expect(retried).toEqual(first);
    expect(flood).toMatchObject({ outcome: 'duplicate' });
  });

  test('what is said right after a reply comes after it, though what it answers is looked up first', async () => {
    const { staff, viewer } = await house.hostAndViewer();
    const asked = await say(viewer, 'does it come in blue?');
    const replyToId = asked.outcome === 'sent' ? asked.message.messageId : '';

    for (const { client, room } of [staff, viewer]) {
      const lines = [{ text: `reply ${newKey()}`, replyToId }, { text: `plain ${newKey()}` }];
      const answers = await Promise.all(
        lines.map((line) => client.request('chat:send', { roomId: room.roomId, requestKey: newKey(), ...line })),
      );
      const [first, second] = answers.map((answer) => (answer.outcome === 'sent' ? answer.position.offset : 0));
      expect(first).toBeLessThan(second!);
    }
  });

  test('an answer quotes, a pin and an announcement greet latecomers', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const asked = await say(viewer, 'does it come in blue?');
    const messageId = asked.outcome === 'sent' ? asked.message.messageId : '';
    const answered = await say(staff, 'yes', { replyToId: messageId });
    await staff.client.request('chat:pin', { roomId, messageId });
    await staff.client.request('chat:announce', { roomId, text: 'Free shipping tonight' });

    const latecomer = await guestSnapshot(roomId);

    expect(answered).toMatchObject({
      message: { replyTo: { messageId, senderName: viewer.session.person.name } },
    });
    expect(latecomer).toMatchObject({ pinned: { messageId }, announcement: 'Free shipping tonight' });
  });

  test('what host and staff did is listed for those who answer for it, with who, to whom and why, page by page', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const helper = await house.visit(house.there, roomId, await account(house.there, 'Helper'));
    const [hostId, helperId, viewerId] = [staff, helper, viewer].map(({ session }) => session.person.personId);
    const said = async (text: string): Promise<string> => {
      const answer = await say(viewer, text);
      return answer.outcome === 'sent' ? answer.message.messageId : '';
    };
    const [rude, good] = [await said('rude words'), await said('good question')];
    await sanction(staff, helper, 'shadow_ban'); // Which they never learn.
    await staff.client.request('moderation:lift', { roomId, personId: helperId! });
    await staff.client.request('room:set-staff', { roomId, personId: helperId!, role: 'moderator' });
    await eventually(() => helper.client.request('chat:reports', { roomId }).then(() => true));
    const asHelper = helper.client.request;
    await asHelper('chat:delete', { roomId, messageId: rude });
    await asHelper('chat:delete', { roomId, messageId: rude }); // Nothing more is done.
    await asHelper('moderation:sanction', {
      roomId,
      personId: viewerId!,
      kind: 'timeout',
      seconds: 60,
      reason: 'rude',
    });
    await staff.client.request('moderation:lift', { roomId, personId: viewerId! });
    await staff.client.request('chat:pin', { roomId, messageId: good });
    for (let tries = 0; tries < 2; tries++) {
      await staff.client.request('chat:pin', { roomId, messageId: good });
      await asHelper('chat:announce', { roomId, text: 'Free shipping' });
      await asHelper('chat:configure', { roomId, slowSeconds: 5, ...(tries && { hold: 'none' }) });
      await asHelper('moderation:add-words', { roomId, words: ['cheap'] });
      await asHelper('moderation:remove-words', { roomId, words: ['never there'] });
    }
    await staff.client.request('chat:clear', { roomId, requestKey: newKey() });
    await staff.client.request('room:edit', { roomId, title: 'Another title' });
    await staff.client.request('room:start', { roomId });
    await staff.client.request('room:start', { roomId }); // Its answer was lost.
    const page = async (rows: number, before?: string) =>
      (await asHelper('room:actions', { roomId, rows, ...(before ? { before } : {}) })).actions;

    const all = await page(100);
    const paged = [];
    for (let some = await page(3); some.length > 0; some = await page(3, some.at(-1)!.key)) paged.push(...some);

    expect(paged).toEqual(all);
    const by = (byId: string | undefined, kind: string, detail: object = {}, personId: string | null = null) =>
      expect.objectContaining({ byId, kind, detail, personId });
    const toViewer = [viewerId!] as const;
    expect(all.toReversed()).toEqual([
      by(hostId, 'role-set', { role: 'moderator' }, helperId),
      by(helperId, 'message-deleted', { text: 'rude words' }, ...toViewer),
      by(
        helperId,
        'sanctioned',
        { sanction: 'timeout', reason: 'rude', untilMs: expect.any(Number), everywhere: false, purge: false },
        ...toViewer,
      ),
      by(hostId, 'lifted', { sanction: 'timeout' }, ...toViewer),
      by(hostId, 'message-pinned', { text: 'good question' }, ...toViewer),
      by(helperId, 'announced', { text: 'Free shipping' }),
      by(helperId, 'chat-configured', { settings: { slowSeconds: 5 } }),
      by(helperId, 'words-added', { text: 'cheap' }),
      by(hostId, 'chat-cleared'),
      by(hostId, 'show-edited', { text: 'Another title', fields: ['title'] }),
      by(hostId, 'show-started'),
    ]);
    expect(all.find(({ kind }) => kind === 'sanctioned')).toMatchObject({
      byName: 'Helper',
      name: viewer.session.person.name,
    });
    const forHost = (await staff.client.request('room:actions', { roomId, rows: 100 })).actions;
    expect(forHost.slice(all.length)).toMatchObject([{ kind: 'lifted' }, { kind: 'sanctioned', personId: helperId }]);
    await expect(viewer.client.request('room:actions', { roomId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a guest who was banned and is forgotten since stands on the list by name; what is lifted in another show stands in both', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const { personId, name } = viewer.session.person;
    const otherId = (await house.showOf(staff.session)).roomId;
    await sanction(staff, viewer, 'ban', { reason: 'spam' });
    await sanction(staff, viewer, 'mute');
    await staff.client.request('moderation:lift', { roomId: otherId, personId });
    const { db } = house.here.platform;
    await db.query('DELETE FROM sessions WHERE person_id = $1', [personId]);
    await db.query(`UPDATE people SET created_at = now() - interval '2 days' WHERE person_id = $1`, [personId]);
    await forgetGoneGuests(db);

    const listed = async (id: string) =>
      (await staff.client.request('room:actions', { roomId: id })).actions.toReversed();
    const of = (kind: string, detail: object) =>
      expect.objectContaining({ kind, personId: null, name, detail: expect.objectContaining(detail) });

    expect((await db.query('SELECT FROM people WHERE person_id = $1', [personId])).rowCount).toBe(0);
    expect(await listed(roomId)).toEqual([
      of('sanctioned', { sanction: 'ban', reason: 'spam', everywhere: true }),
      of('sanctioned', { sanction: 'mute', everywhere: false }),
      of('lifted', { sanction: 'ban' }),
    ]);
    expect(await listed(otherId)).toEqual([of('lifted', { sanction: 'ban' })]);
  });

  async function guestSnapshot(roomId: string): Promise<unknown> {
    const { client } = await house.visit(house.there, roomId);
    return (await client.request('room:join', { roomId })).snapshot?.parts['chat'];
  }
});

/** An account that a gateway started for it knows as the operator's; its token says so on all others. */
async function operatorOf({ here, stores }: TwoGateways): Promise<Session> {
  const known = { email: `${newKey()}@example.test`, password: 'correct horse battery' };
  const registered = await call(here, 'POST', '/api/session/register', { body: { ...known, name: 'Operator' } });
  const { personId } = registered.body.data.person;
  const app = await startTestApp(stores, { settings: { NIGHTMARKET_OPERATORS: personId } });
  const signedIn = await call(app, 'POST', '/api/session/sign-in', { body: known });
  await app.close();
  return signedIn.body.data;
}
