import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createRoomStore } from '../../server/features/room/room-store.pg.ts';
import { newId } from '../../shared/ids.ts';
import { ask, type Person } from '../giveaway/show.ts';
import { send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { twoGatewaysOfFans, watch, type Group, type Host, type Seen } from './club.ts';

let house: Awaited<ReturnType<typeof twoGatewaysOfFans>>;
beforeAll(async () => {
  house = await twoGatewaysOfFans();
});
afterAll(() => house.close());

let keys = 0;
const say = (person: Person, roomId: string, text: string) =>
  ask(person, 'chat:send', { roomId, text, requestKey: `group-test-${++keys}` });
const heard = (seen: Seen[]) => seen.filter(({ kind }) => kind === 'chat:message').map(({ body }) => body['text']);
const refusedAs = (code: string) => expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) });

test('a group is a room that members enter and others do not, and hears announcements and that the host goes live', async () => {
  const group = await house.hostWithGroup();
  const { clubId, roomId, socket } = group;
  const stranger = await house.person(house.other);

  expect(await send(stranger.socket, 'room:join', { roomId })).toEqual(refusedAs('FORBIDDEN'));
  const { seen } = await house.memberIn(group);
  await ask(group, 'fan-club:set', { clubId, announcement: 'Mooncakes on Friday' });
  await ask(group, 'fan-club:set', { clubId, greeting: 'Hello!', announcement: 'Mooncakes on Friday' });
  const news = () => seen.filter(({ kind }) => kind.startsWith('fan-club:'));
  await eventually(() => news().length === 1);
  const show = await ask(group, 'room:create', { title: 'Friday tea' });
  await ask(group, 'room:start', { roomId: show.roomId });

  await eventually(() => news().length === 2);
  expect(news()).toMatchObject([
    { kind: 'fan-club:announcement', body: { text: 'Mooncakes on Friday' } },
    { kind: 'fan-club:live', body: { roomId: show.roomId, title: 'Friday tea' } },
  ]);
  expect(await send(socket, 'fan-club:open-group', { clubId, title: 'Again' })).toEqual(refusedAs('CONFLICT'));
});

test('a show is told once that people joined the club of its host there, by a letter of one name; other rooms are not, nor is it of who is not there', async () => {
  const host = await house.hostWithClub();
  const show = await ask(host, 'room:create', { title: 'Tea' });
  await ask(host, 'room:start', { roomId: show.roomId });
  const seen = watch(host.socket);
  await ask(host, 'room:join', { roomId: show.roomId });
  const stranger = await house.hostWithClub();
  const [fan, second, absent] = [await house.person(), await house.person(), await house.person()];
  for (const here of [fan, second]) await ask(here, 'room:join', { roomId: show.roomId });
  const join = (who: { socket: Host['socket'] }, clubId: string) =>
    send(who.socket, 'fan-club:join', { clubId, roomId: show.roomId });

  await join(absent, host.clubId);
  await Promise.all([join(fan, stranger.clubId), join(fan, host.clubId), join(second, host.clubId)]);
  await join(fan, host.clubId);

  const told = () => seen.filter(({ kind }) => kind === 'fan-club:joined');
  await eventually(() => told().length > 0);
  await say(host, show.roomId, 'welcome');
  await eventually(() => heard(seen).includes('welcome'));
  expect(told()).toMatchObject([{ body: { name: expect.stringMatching(/^.\*\*\*$/u), others: 1 } }]);
});

describe('whose membership ends', () => {
  const putOut = (seen: Seen[]) => seen.filter(({ kind }) => kind === 'room:removed').map(({ body }) => body);

  /** The group talks on, and who is not in it any more hears nothing of it, nor comes back or reads what was said. */
  async function isDeafTo(fan: Person & { seen: Seen[] }, group: Group): Promise<void> {
    const { roomId } = group;
    await eventually(() => putOut(fan.seen).length > 0);
    const witness = await house.memberIn(group);
    await say(group, roomId, 'only for members');
    await eventually(() => heard(witness.seen).includes('only for members'));

    expect(putOut(fan.seen)).toEqual([{ roomId, reason: 'not_member' }]);
    expect(heard(fan.seen)).toEqual([]);
    for (const command of ['room:join', 'chat:history'] as const)
      expect(await send(fan.socket, command, { roomId })).toEqual(refusedAs('FORBIDDEN'));
    expect(
      await send(fan.socket, 'chat:send', { roomId, text: 'still here', requestKey: `group-test-${++keys}` }),
    ).toEqual(refusedAs('FORBIDDEN'));
  }

  test('is put out of the group on every gateway when they leave', async () => {
    const group = await house.hostWithGroup();
    const fan = await house.memberIn(group);
    const elsewhere = await house.person(house.app);

    await ask(fan, 'fan-club:leave', { clubId: group.clubId });

    await isDeafTo(fan, group);
    expect(await send(elsewhere.socket, 'room:join', { roomId: group.roomId })).toEqual(refusedAs('FORBIDDEN'));
  });

  test('is put out of the group when the host puts them out of the club', async () => {
    const group = await house.hostWithGroup();
    const fan = await house.memberIn(group);

    await ask(group, 'fan-club:decide', { clubId: group.clubId, personId: fan.personId, accept: false });

    await isDeafTo(fan, group);
  });

  test('is put out a few seconds later when the word of it got lost: the process that ended it died', async () => {
    const group = await house.hostWithGroup();
    const fan = await house.memberIn(group);

    await createFanClubStore(house.db).leave(group.clubId, fan.personId, Date.now());

    await isDeafTo(fan, group);
  });

  test('stays as staff of the group', async () => {
    const group = await house.hostWithGroup();
    const [helper, fan] = [await house.memberIn(group), await house.memberIn(group)];
    const { clubId, roomId } = group;
    await ask(group, 'room:set-staff', { roomId, personId: helper.personId, role: 'moderator' });
    await eventually(() => helper.seen.some(({ kind }) => kind === 'room:staff-changed'));

    for (const person of [helper, fan]) await ask(person, 'fan-club:leave', { clubId });
    await eventually(() => putOut(fan.seen).length > 0);
    await say(group, roomId, 'for staff');

    await eventually(() => heard(helper.seen).includes('for staff'));
    expect(putOut(helper.seen)).toEqual([]);
  });
});

describe('a group stays', () => {
  test('a room that was opened by a process that died before noting it is found by the next call', async () => {
    const host = await house.hostWithClub();
    const lost = await createRoomStore(house.db).openGroup({ roomId: newId(), hostId: host.clubId, title: 'Lost' });

    const opened = await ask(host, 'fan-club:open-group', { clubId: host.clubId, title: 'Tea friends' });

    expect(opened.groupRoomId).toBe(lost.roomId);
    expect(await ask(host, 'room:get', { roomId: lost.roomId })).toMatchObject({ title: 'Tea friends', state: 'live' });
  });

  test('opened twice at the same time, it is one', async () => {
    const host = await house.hostWithClub();
    const open = () => send(host.socket, 'fan-club:open-group', { clubId: host.clubId, title: 'Tea friends' });

    const replies = await Promise.all([open(), open()]);

    const { club } = await ask(host, 'fan-club:get', { clubId: host.clubId });
    for (const reply of replies)
      if (reply.ok) expect(reply.data.groupRoomId).toBe(club.groupRoomId);
      else expect(reply.error.code).toBe('CONFLICT');
    const groups = `SELECT room_id AS "roomId" FROM rooms WHERE host_id = $1 AND kind = 'group'`;
    expect((await house.db.query(groups, [host.clubId])).rows).toEqual([{ roomId: club.groupRoomId }]);
  });

  test('the commands of a show do nothing to it, and neither does a stream that ends in it', async () => {
    const group = await house.hostWithGroup();
    const { roomId } = group;
    const store = createRoomStore(house.db);

    for (const verb of ['start', 'pause', 'resume', 'end', 'cancel'] as const)
      expect(await send(group.socket, `room:${verb}`, { roomId })).toEqual(refusedAs('CONFLICT'));
    await store.streamSeen(roomId, 'somebody', false);

    expect(await store.streamLost(roomId, 'somebody')).toMatchObject({ state: 'live' });
    expect((await store.endByHand(-1_000, 100)).map((room) => room.roomId)).not.toContain(roomId);
    expect((await store.endSilent(-1_000, 100)).map((room) => room.roomId)).not.toContain(roomId);
    expect(await ask(group, 'room:get', { roomId })).toMatchObject({ state: 'live', endedAtMs: null });
  });
});

test('a group that whoever runs the platform has closed is empty and silent until they open it again; its host can do neither', async () => {
  const group = await house.hostWithGroup();
  const { clubId, roomId, socket } = group;
  const fan = await house.memberIn(group);
  const close = (closed: boolean) => house.asOperator('PUT', `/api/fan-clubs/${clubId}/group`, { closed });

  expect(await send(socket, 'fan-club:close-group', { clubId, closed: true })).toEqual(refusedAs('FORBIDDEN'));
  expect((await close(true)).body.data).toMatchObject({ groupRoomId: roomId, groupClosed: true });
  await eventually(() => fan.seen.some(({ kind, body }) => kind === 'room:removed' && body['reason'] === 'closed'), {
    deadlineMs: 15_000,
  });
  expect(await send(fan.socket, 'room:join', { roomId })).toEqual(refusedAs('FORBIDDEN'));
  expect((await ask(group, 'fan-club:get', { clubId })).club.groupClosed).toBe(true);
  expect(await send(socket, 'fan-club:open-group', { clubId, title: 'Another' })).toEqual(refusedAs('CONFLICT'));
  // The host is on the other gateway, which may believe for a second what it read.
  await eventually(async () => (await say(group, roomId, 'is anybody here?')).outcome === 'closed');

  expect((await close(false)).body.data).toMatchObject({ groupClosed: false });
  await eventually(async () => (await send(fan.socket, 'room:join', { roomId })).ok);
  // The host's gateway may have heard of it a moment later than the fan's.
  await eventually(async () => (await say(group, roomId, 'welcome back')).outcome === 'sent', { deadlineMs: 5_000 });
});

test('a member whom the host mutes in the group is told why they are not heard; staff sees it, and lifts it', async () => {
  const group = await house.hostWithGroup();
  const [loud, helper] = [await house.memberIn(group), await house.memberIn(group, house.app)];
  const { roomId, clubId } = group;
  const witness = watch(group.socket);
  await ask(group, 'room:join', { roomId });
  await ask(group, 'room:set-staff', { roomId, personId: helper.personId, role: 'moderator' });
  expect((await say(loud, roomId, 'first')).outcome).toBe('sent');

  await ask(group, 'moderation:sanction', { roomId, personId: loud.personId, kind: 'mute', reason: 'too loud' });
  await eventually(() => loud.seen.some(({ kind }) => kind === 'moderation:sanctioned'));
  const refused = await say(loud, roomId, 'second');
  const standing = await eventually(async () => {
    const reply = await send(helper.socket, 'moderation:list', { roomId });
    return reply.ok ? reply.data.sanctions : null;
  });
  // A group has no end, and neither has the mute; leaving the club and coming back does not undo it.
  await ask(loud, 'fan-club:leave', { clubId });
  await ask(loud, 'fan-club:join', { clubId });
  const back = await eventually(async () => {
    const reply = await send(loud.socket, 'chat:send', { roomId, text: 'third', requestKey: `group-test-${++keys}` });
    return reply.ok ? reply.data.outcome : null;
  });
  await ask(helper, 'moderation:lift', { roomId, personId: loud.personId });
  await eventually(async () => (await say(loud, roomId, 'fourth')).outcome === 'sent');

  expect(refused).toEqual({ outcome: 'muted', retryAfterMs: null, detail: null });
  expect(back).toBe('muted');
  expect(standing).toMatchObject([
    { personId: loud.personId, name: loud.name, kind: 'mute', reason: 'too loud', untilMs: null },
  ]);
  await eventually(() => heard(witness).includes('fourth'));
  expect(heard(witness)).toEqual(['first', 'fourth']);
  expect(await send(loud.socket, 'moderation:list', { roomId })).toEqual(refusedAs('FORBIDDEN'));
});
