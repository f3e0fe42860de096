import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive, type Archive } from '../../server/features/room-log/archive.pg.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { LogStore } from '../../server/features/room-log/log-store.ts';
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
    await archive.add(roomId, end!.epoch, await log.entriesAfter(roomId, 0, 1_000));
  }
  const shownIn = async ({ client }: Visitor, roomId: string): Promise<string> =>
    JSON.stringify((await client.request('chat:history', { roomId })).entries);
  const ban = (staff: Visitor, viewer: Visitor, more = {}) =>
    staff.client.request('moderation:sanction', {
      roomId: staff.room.roomId,
      personId: viewer.session.person.personId,
      kind: 'ban',
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

  test('nor does one that is archived only after it was deleted, by an archive that read it before', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    const goneId = await say(viewer, 'my number is');
    const { epoch } = (await log.end(roomId))!;
    const readBefore = await log.entriesAfter(roomId, 0, 1_000);

    await viewer.client.request('chat:delete', { roomId, messageId: goneId });
    await archive.add(roomId, epoch, readBefore);
    await house.here.platform.redis.commands.flushall();

    expect(await shownIn(staff, roomId)).not.toContain('my number is');
  });

  test('what a banned person said is gone in every room where the ban counts, also without Redis', async () => {
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

  test('a message that is pinned and deleted at the same time is not pinned, whoever comes first', async () => {
    const { roomId, staff, viewer } = await house.hostAndViewer();
    for (let i = 0; i < 20; i += 1) {
      const messageId = await say(staff, `pin or not ${i}`);
      await eventually(() => viewer.texts().includes(`pin or not ${i}`));
      const moderator = await house.visit(house.there, roomId, staff.session);

      const both = [
        staff.client.request('chat:pin', { roomId, messageId }).catch(() => null),
        moderator.client.request('chat:delete', { roomId, messageId }),
      ];
      await Promise.all(i % 2 === 0 ? both : both.reverse());

      const { rows } = await house.here.platform.db.query('SELECT pinned FROM chat_settings WHERE room_id = $1', [
        roomId,
      ]);
      expect(rows[0]?.pinned ?? null).toBeNull();
      moderator.client.close();
    }
  });
});
