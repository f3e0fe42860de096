import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive, type Archive } from '../../server/features/room-log/archive.pg.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { LogStore } from '../../server/features/room-log/log-store.ts';
import { guest, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from '../room/two-gateways.ts';

describe('what is taken back stays gone, on two gateways that nothing archives for', () => {
  let house: TwoGateways;
  let log: LogStore;
  let archive: Archive;

  beforeAll(async () => {
    house = await twoGateways({ settings: { NIGHTMARKET_ROLES: 'gateway' } });
    log = createLogStore(house.here.platform.redis.commands, { chatPerSecondMax: 100 });
    archive = createArchive(house.here.platform.db);
  });
  afterAll(() => house.close());

  async function say({ client, room }: Visitor, text: string): Promise<string> {
    const said = await client.request('chat:send', { roomId: room.roomId, text, requestKey: newKey() });
    if (said.outcome !== 'sent') throw new Error(`not sent: ${said.outcome}`);
    return said.message.messageId;
  }
  async function archiveAll(roomId: string): Promise<void> {
    const end = await log.end(roomId);
    await archive.add([{ roomId, epoch: end!.epoch, entries: await log.entriesAfter(roomId, 0, 1_000) }]);
  }
  const shownIn = async ({ client }: Visitor, roomId: string): Promise<string> =>
    JSON.stringify((await client.request('chat:history', { roomId })).entries);
  const ban = (staff: Visitor, viewer: Visitor, more = {}) =>
    staff.client.request('moderation:sanction', {
      roomId: staff.room.roomId,
      personId: viewer.session.person.personId,
      kind: 'ban',
      purge: true,
      ...more,
    });

  test('a deleted message does not come back from the archive when Redis is emptied right after', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [goneId] = [await say(viewer, 'my address is'), await say(viewer, 'hello all')];
    await archiveAll(roomId);

    await viewer.client.request('chat:delete', { roomId, messageId: goneId });
    await house.here.platform.redis.commands.flushall();

    const shown = await shownIn(staff, roomId);
    expect(shown).toContain('hello all');
    expect(shown).not.toContain('my address is');
  });

  test('a chat that is cleared is empty for all who are there, who come, come back and look back, without Redis too; it goes on after that', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const before = staff.room.position()!;
    const goneId = await say(viewer, 'vile words');
    await say(viewer, 'said before the archive came');
    await archiveAll(roomId);
    const asked = { roomId, requestKey: newKey() };

    await expect(viewer.client.request('chat:clear', asked)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await staff.client.request('chat:clear', asked);
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:cleared'));
    const pinnedSince = await say(viewer, 'hello again');
    await staff.client.request('chat:pin', { roomId, messageId: pinnedSince });
    expect(await staff.client.request('chat:clear', asked)).toEqual({ cleared: true }); // Its answer was lost.
    expect(await staff.client.request('chat:state', { roomId })).toMatchObject({ pinned: { text: 'hello again' } });
    const { actions } = await staff.client.request('room:actions', { roomId });
    expect(actions.map(({ kind }) => kind)).toEqual(['message-pinned', 'chat-cleared']);
    await expect(staff.client.request('chat:pin', { roomId, messageId: goneId })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });

    const comers = await Promise.all([1, 2].map(async () => house.socket(house.there, await guest(house.there))));
    const joins = [{ roomId }, { roomId, position: before }];
    const joined = JSON.stringify(await Promise.all(comers.map((comer, i) => send(comer, 'room:join', joins[i]!))));
    await archiveAll(roomId);
    await house.here.platform.redis.commands.flushall();
    const shown = await shownIn(staff, roomId);
    for (const text of [joined, shown]) {
      expect(text).toContain('hello again');
      expect(text).toContain('chat:cleared');
      expect(text).not.toMatch(/vile words|said before/);
    }
    expect(shown).toContain('room:changed'); // What else happened before it.
  });

  test('nor does one that is archived only after it was deleted, by an archive that read it before', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const goneId = await say(viewer, 'my number is');
    const { epoch } = (await log.end(roomId))!;
    const readBefore = await log.entriesAfter(roomId, 0, 1_000);

    await viewer.client.request('chat:delete', { roomId, messageId: goneId });
    await archive.add([{ roomId, epoch, entries: readBefore }]);
    await house.here.platform.redis.commands.flushall();

    expect(await shownIn(staff, roomId)).not.toContain('my number is');
  });

  test.each(['deleted', 'cleared', 'banned'] as const)('the text of a pinned message goes with it, %s', async (how) => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const before = staff.room.position()!;
    const messageId = await say(viewer, 'my address is');
    await staff.client.request('chat:pin', { roomId, messageId });

    await takeBack[how](staff, messageId, viewer);
    await archiveAll(roomId);

    const comers = await Promise.all(
      [house.there, house.there].map(async (app) => house.socket(app, await guest(app))),
    );
    const joins = [{ roomId }, { roomId, position: before }];
    const joined = await Promise.all(comers.map((comer, i) => send(comer, 'room:join', joins[i]!)));
    expect(joined.map(({ ok }) => ok)).toEqual([true, true]);
    expect(JSON.stringify([joined, await shownIn(staff, roomId)])).not.toContain('my address is');
  });

  test('who comes while the archive takes a pinned message back is not given its text', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const messageId = await say(viewer, 'my address is');
    await staff.client.request('chat:pin', { roomId, messageId });
    const lock = await house.here.platform.db.connect();
    await lock.query('BEGIN');
    await lock.query("SELECT pg_advisory_xact_lock(hashtextextended('room archive ' || $1, 0))", [roomId]);
    const latecomers = await Promise.all([1, 2].map(async () => house.socket(house.there, await guest(house.there))));
    const join = async (i: number) => JSON.stringify(await send(latecomers[i]!, 'room:join', { roomId }));
    const before = await join(0); // The state of the room that is read here is good for a second.

    const deleting = staff.client.request('chat:delete', { roomId, messageId });
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:deleted'));
    const after = await join(1);
    await lock.query('COMMIT');
    lock.release();

    expect(await deleting).toEqual({ deleted: true });
    expect(before).toContain('my address is');
    expect(after).not.toContain('my address is');
  });

  test('a message is found behind a thousand later ones, and who is purged is not', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const [slipId, vileId] = [await say(staff, 'wrong price'), await say(viewer, 'vile words')];
    const tail = { lane: 'chat', senderId: '', entryId: '', redacts: [], kind: 'chat:message', body: '{}' } as const;
    await log.append(
      roomId,
      Array.from({ length: 1_000 }, () => ({ tail, clientKey: undefined })),
    );
    const pin = (messageId: string) => staff.client.request('chat:pin', { roomId, messageId });

    expect(await pin(vileId)).toMatchObject({ pinned: { text: 'vile words' } });
    await ban(staff, viewer, { kind: 'mute' });
    await expect(pin(vileId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await staff.client.request('chat:delete', { roomId, messageId: slipId })).toEqual({ deleted: true });
    expect(await staff.client.request('chat:delete', { roomId, messageId: slipId })).toEqual({ deleted: false });
  });

  test('what a banned person said is gone, if asked, in every room where the ban counts, also without Redis', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const otherId = (await house.showOf(staff.session)).roomId;
    const elsewhere = await house.visit(house.there, otherId, viewer.session);
    await Promise.all([say(viewer, 'vile words'), say(elsewhere, 'vile words')]);
    await Promise.all([roomId, otherId].map(archiveAll));

    await ban(staff, viewer);
    const latecomer = await house.visit(house.there, otherId);
    const seenByLatecomer = latecomer.texts();
    await house.here.platform.redis.commands.flushall();

    expect(seenByLatecomer).toEqual([]);
    expect(await shownIn(staff, roomId)).not.toContain('vile');
    expect(await shownIn(staff, otherId)).not.toContain('vile');
  });

  test('a pinned message that was deleted by a process killed halfway is unpinned by deleting it again', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const messageId = await say(viewer, 'sold out? no!');
    await staff.client.request('chat:pin', { roomId, messageId });
    const tail = { lane: 'host', senderId: '', entryId: '', redacts: [messageId], kind: 'chat:deleted' } as const;
    const body = JSON.stringify({ messageIds: [messageId] });
    await log.append(roomId, [{ tail: { ...tail, body }, clientKey: `delete-${messageId}` }]);
    await eventually(() => viewer.seen.some(({ kind }) => kind === 'chat:deleted'));

    const again = await viewer.client.request('chat:delete', { roomId, messageId });

    expect(again).toEqual({ deleted: false });
    expect(await staff.client.request('chat:state', { roomId })).toMatchObject({ pinned: null });
  });

  test('what a process that died had taken back and not noted is listed when it is asked for again; what a sender took back is not', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const { personId } = staff.session.person;
    const [rude, own] = [await say(viewer, 'rude words'), await say(viewer, 'my address is')];
    await viewer.client.request('chat:delete', { roomId, messageId: own });
    const requestKey = newKey();
    const tail = { lane: 'host', senderId: '', entryId: '' } as const;
    const body = JSON.stringify({ messageIds: [rude] });
    await log.append(roomId, [
      { tail: { ...tail, redacts: [rude], kind: 'chat:deleted', body }, clientKey: `delete-${rude} by ${personId}` },
      {
        tail: { ...tail, redacts: ['lines'], kind: 'chat:cleared', body: '{}' },
        clientKey: `clear ${personId} ${requestKey}`,
      },
    ]);

    for (const messageId of [own, rude, own, rude]) await staff.client.request('chat:delete', { roomId, messageId });
    await staff.client.request('chat:clear', { roomId, requestKey });

    const { actions } = await staff.client.request('room:actions', { roomId });
    expect(actions).toMatchObject([
      { kind: 'chat-cleared', byId: personId },
      { kind: 'message-deleted', byId: personId, detail: { text: 'rude words' } },
    ]);
    expect(await staff.client.request('chat:clear', { roomId, requestKey })).toEqual({ cleared: true });
  });

  const takeBack = {
    deleted: ({ client, room: { roomId } }: Visitor, messageId: string) =>
      client.request('chat:delete', { roomId, messageId }),
    purged: (by: Visitor, _messageId: string, whom: Visitor) => ban(by, whom, { kind: 'shadow_ban' }),
    banned: (by: Visitor, _messageId: string, whom: Visitor) => ban(by, whom),
    cleared: ({ client, room: { roomId } }: Visitor) => client.request('chat:clear', { roomId, requestKey: newKey() }),
  };

  test.each(['deleted', 'purged', 'banned', 'cleared'] as const)(
    'pinned and %s at the same time, it is not pinned',
    async (how) => {
      const { roomId, staff, viewer: other } = await house.hostAndViewer();
      const moderator = await house.visit(house.there, roomId, staff.session);
      for (let i = 0; i < 10; i += 1) {
        const viewer = how === 'banned' ? await house.visit(house.there, roomId) : other;
        const messageId = await say(viewer, `pin or not ${i}`);

        const both = [
          () => staff.client.request('chat:pin', { roomId, messageId }).catch(() => null),
          () => takeBack[how](moderator, messageId, viewer),
        ];
        await Promise.all((i % 2 === 0 ? both : both.reverse()).map((run) => run()));

        const { pinned } = await staff.client.request('chat:state', { roomId });
        expect(pinned).toBeNull();
      }
    },
  );
});
