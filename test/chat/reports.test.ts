import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { account, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { createReportStore } from '../../server/features/chat/reports.pg.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from '../room/two-gateways.ts';

type Waiting = { roomId: string; messageId: string; personId: string; staff: Visitor; viewer: Visitor };

describe('lines that viewers report, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  async function say({ client, room }: Visitor, text: string): Promise<string> {
    const said = await client.request('chat:send', { roomId: room.roomId, text, requestKey: newKey() });
    if (said.outcome !== 'sent') throw new Error(`not sent: ${said.outcome}`);
    return said.message.messageId;
  }
  const report = ({ client, room }: Visitor, messageId: string, reason?: string) =>
    client.request('chat:report', { roomId: room.roomId, messageId, ...(reason ? { reason } : {}) });
  const reportsFor = async ({ client, room }: Visitor) =>
    (await client.request('chat:reports', { roomId: room.roomId })).reports;
  const isGone = (visitor: Visitor, messageId: string) =>
    visitor.seen.some(({ kind, body }) => kind === 'chat:deleted' && body.messageIds.includes(messageId));

  test('come to host and staff as they were, with how many said so and why, also when their writer takes them back', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [ana, bo] = [await house.visit(house.here, roomId), await house.visit(house.there, roomId)];
    const calls: number[] = [];
    staff.client.on('notice', ({ name, body }) => {
      if (name === 'chat:waiting') calls.push((body as { waiting: number }).waiting);
    });
    const [rude, worse] = [await say(viewer, 'you are rude'), await say(viewer, 'buy at evil.example')];

    expect(await report(ana, worse, 'spam')).toEqual({ outcome: 'reported' });
    await eventually(() => calls.length > 0);
    await Promise.all([report(ana, worse), report(bo, worse), report(bo, rude, 'insults')]);
    await viewer.client.request('chat:delete', { roomId, messageId: worse });

    expect(await reportsFor(staff)).toMatchObject([
      { message: { messageId: worse, text: 'buy at evil.example' }, people: 2, reasons: ['spam'] },
      { message: { messageId: rude, text: 'you are rude' }, people: 1, reasons: ['insults'] },
    ]);
    expect(calls[0]).toBe(1);
    await expect(report(ana, worse)).rejects.toMatchObject({ code: 'NOT_FOUND' }); // It is gone.
    await expect(report(viewer, rude)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(reportsFor(viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('are decided about once: a line that may stay is not asked about again, one that may not is gone for all', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [ana, bo] = [await house.visit(house.here, roomId), await house.visit(house.there, roomId)];
    const [harmless, bad] = [await say(viewer, 'too dear'), await say(viewer, 'evil')];
    const calls: number[] = [];
    staff.client.on('notice', ({ name, body }) => {
      if (name === 'chat:waiting') calls.push((body as { waiting: number }).waiting);
    });
    await Promise.all([report(ana, harmless), report(ana, bad)]);
    const settle = (messageId: string, remove: boolean) =>
      staff.client.request('chat:settle', { roomId, messageId, remove });

    await Promise.all([settle(harmless, false), settle(bad, true)]);
    await settle(harmless, true); // By somebody whose list is old.
    await report(bo, harmless);

    await eventually(() => isGone(bo, bad));
    expect(await reportsFor(staff)).toEqual([]);
    expect(isGone(bo, harmless)).toBe(false);
    await eventually(() => calls.at(-1) === 0); // Whoever helps sees the list without them.
  });

  test('leave the list when staff delete the line, or all lines of its writer', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const ana = await house.visit(house.here, roomId);
    const [one, other] = [await say(viewer, 'one'), await say(viewer, 'other')];
    await Promise.all([report(ana, one), report(ana, other)]);

    await staff.client.request('chat:delete', { roomId, messageId: one });
    expect(await reportsFor(staff)).toMatchObject([{ message: { messageId: other } }]);
    const { personId } = viewer.session.person;
    await staff.client.request('moderation:sanction', { roomId, personId, kind: 'ban', purge: true });
    expect(await reportsFor(staff)).toEqual([]);
  });

  test('of two who decide at once, or one after the other, one decides and the other is told what', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [ana, helper] = [
      await house.visit(house.here, roomId),
      await house.visit(house.there, roomId, await account(house.there)),
    ];
    const { personId } = helper.session.person;
    await staff.client.request('room:set-staff', { roomId, personId, role: 'moderator' });
    const lines = await Promise.all(['a', 'b', 'c', 'd'].map((text) => say(viewer, text)));
    await Promise.all(lines.map((line) => report(ana, line)));
    await eventually(() => reportsFor(helper).then((reports) => reports.length === lines.length));
    const settle = async ({ client }: Visitor, messageId: string, remove: boolean) =>
      (await client.request('chat:settle', { roomId, messageId, remove })).decision;
    const decideBoth = async (line: string, i: number) => {
      const [one, other] = await Promise.all([settle(staff, line, i % 2 === 0), settle(helper, line, i % 2 === 1)]);
      const later = await settle(staff, line, true);
      return { line, told: new Set([one, other, later]) };
    };

    const decided = await Promise.all(lines.map(decideBoth));

    expect(decided.map(({ told }) => told.size)).toEqual([1, 1, 1, 1]);
    const removed = decided.filter(({ told }) => told.has('removed')).map(({ line }) => line);
    const history = async () =>
      (await ana.client.request('chat:history', { roomId })).entries.flatMap(({ kind, body }) =>
        kind === 'chat:message' ? [(body as { messageId: string }).messageId] : [],
      );
    const kept = lines.filter((line) => !removed.includes(line));
    await eventually(async () => (await history()).toSorted().join() === kept.toSorted().join());
    expect(await reportsFor(staff)).toEqual([]);
  });

  test('that were to go when a process died go by whatever is decided next', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const ana = await house.visit(house.here, roomId);
    const { person } = await account(house.there);
    await staff.client.request('room:set-staff', { roomId, personId: person.personId, role: 'moderator' });
    const line = await say(viewer, 'evil');
    await report(ana, line);
    const store = createReportStore(house.here.platform.db);
    await store.decide(roomId, line, person.personId, true); // And no more.

    expect(await reportsFor(staff)).toHaveLength(1);
    const keep = { roomId, messageId: line, remove: false };
    expect(await staff.client.request('chat:settle', keep)).toMatchObject({ decision: 'removed' });
    await eventually(() => isGone(ana, line));
    expect(await reportsFor(staff)).toEqual([]);
    const { actions } = await staff.client.request('room:actions', { roomId });
    expect(actions.filter(({ kind }) => kind !== 'role-set')).toMatchObject([
      { kind: 'message-deleted', byId: person.personId, detail: { text: 'evil' } },
    ]);
  });

  test('and lines that wait are counted anew for all staff, whoever and whatever takes them off the list', async () => {
    const waiting = async (hold: 'none' | 'all', takeOff: (at: Waiting) => Promise<unknown>) => {
      const { roomId, staff, viewer } = await house.hostAndViewer();
      const calls: number[] = [];
      staff.client.on('notice', ({ name, body }) => {
        if (name === 'chat:waiting') calls.push((body as { waiting: number }).waiting);
      });
      await staff.client.request('chat:configure', { roomId, hold });
      await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:configured'));
      const said = await viewer.client.request('chat:send', { roomId, text: 'a line', requestKey: newKey() });
      if (said.outcome !== 'sent' && said.outcome !== 'held') throw new Error(`not taken: ${said.outcome}`);
      const { messageId } = said.message;
      if (hold === 'none') await report(await house.visit(house.here, roomId), messageId);
      await eventually(() => calls.length === 1);
      await takeOff({ roomId, messageId, personId: viewer.session.person.personId, staff, viewer });
      await eventually(() => calls.length > 1);
      return calls;
    };
    const ban = (more: { purge?: boolean }, { roomId, personId, staff }: Waiting) =>
      staff.client.request('moderation:sanction', { roomId, personId, kind: 'ban', ...more });

    const all = await Promise.all([
      waiting('none', ({ roomId, messageId, staff }) => staff.client.request('chat:delete', { roomId, messageId })),
      waiting('none', (at) => ban({ purge: true }, at)),
      waiting('all', ({ roomId, messageId, staff }) =>
        staff.client.request('chat:decide', { roomId, messageId, approve: false }),
      ),
      waiting('all', (at) => ban({}, at)),
      waiting('all', ({ roomId, messageId, viewer }) => viewer.client.request('chat:delete', { roomId, messageId })),
    ]);

    expect(all).toEqual(all.map(() => [1, 0]));
  });

  test('of one person are as many as somebody reads, and the others are still heard', async () => {
    const { roomId, viewer } = await house.hostAndViewer();
    const [ana, bo] = [await house.visit(house.here, roomId), await house.visit(house.there, roomId)];
    const { db } = house.here.platform;
    await db.query(
      `INSERT INTO chat_reports (message_id, person_id, room_id, sender_id, message)
       SELECT gen_random_uuid(), $1, $2, $3, '{}' FROM generate_series(1, 20)`,
      [ana.session.person.personId, roomId, viewer.session.person.personId],
    );
    const line = await say(viewer, 'evil');

    expect(await report(ana, line)).toEqual({ outcome: 'too_many' });
    expect(await report(bo, line)).toEqual({ outcome: 'reported' });
  });

  test('that a crowd sends leave room for others: of one line some are kept, and whoever has most waiting yields', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [ana, bo] = [await house.visit(house.here, roomId), await house.visit(house.there, roomId)];
    const { db } = house.here.platform;
    const minded = await say(viewer, 'minded by all');
    const crowd = `
      INSERT INTO chat_reports (message_id, person_id, room_id, sender_id, message)
      SELECT $1, unnest($5::uuid[]), $2, $3, $4`;
    const others = Array.from({ length: 24 }, (_, i) => guest(house.here, `Guest ${i}`));
    const [troll, ...them] = (await Promise.all(others)).map(({ person }) => person.personId);
    await db.query(crowd, [minded, roomId, viewer.session.person.personId, { messageId: minded }, them.slice(0, 20)]);
    const many = `
      INSERT INTO chat_reports (message_id, person_id, room_id, sender_id, message)
      SELECT gen_random_uuid(), $1, $2, $3, '{}' FROM generate_series(1, $4)`;
    await db.query(many, [troll, roomId, viewer.session.person.personId, 500]);
    for (const one of them) await db.query(many, [one, roomId, viewer.session.person.personId, 20]);
    await db.query(many, [them[0], roomId, viewer.session.person.personId, 20]);
    const line = await say(viewer, 'evil');

    expect(await report(ana, minded)).toEqual({ outcome: 'reported' });
    expect(await report(bo, line)).toEqual({ outcome: 'reported' });

    const rows = await db.query<{ message_id: string; person_id: string; count: number }>(
      'SELECT message_id, person_id, count(*) OVER (PARTITION BY person_id)::int AS count FROM chat_reports WHERE room_id = $1',
      [roomId],
    );
    expect(rows.rows).toHaveLength(1_000);
    expect(rows.rows.filter(({ message_id }) => message_id === minded)).toHaveLength(20);
    expect(rows.rows.filter(({ message_id }) => message_id === line)).toHaveLength(1);
    expect(rows.rows.find(({ person_id }) => person_id === troll)?.count).toBe(499);
    expect((await reportsFor(staff))[0]).toMatchObject({ message: { messageId: minded }, people: 20 });
  });

  test('about staff are not put aside by who is meant, but by somebody else', async () => {
    const { roomId, staff } = await house.hostAndViewer();
    const viewer = await house.visit(house.there, roomId, await account(house.there));
    const { personId } = viewer.session.person;
    await staff.client.request('room:set-staff', { roomId, personId, role: 'moderator' });
    const ana = await house.visit(house.here, roomId);
    const line = await say(viewer, 'rude words of a moderator');
    await report(ana, line);
    const keep = { roomId, messageId: line, remove: false };

    await eventually(() =>
      viewer.client.request('chat:reports', { roomId }).then(({ reports }) => reports.length === 1),
    );
    await expect(viewer.client.request('chat:settle', keep)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      extras: { reason: 'own-self' },
    });
    expect(await reportsFor(staff)).toHaveLength(1);
    await staff.client.request('chat:settle', keep);
    expect(await reportsFor(staff)).toEqual([]);
  });
});
