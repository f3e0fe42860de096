import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from './two-gateways.ts';

describe('coming back to a room, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  const say = (visitor: Visitor, text: string) =>
    visitor.client.request('chat:send', { roomId: visitor.room.roomId, text, requestKey: newKey() });

  test('a client that lost its connection gets what was said meanwhile, once and in order', async () => {
    const { host, roomId } = await house.show();
    const [staff, viewer] = [await house.visit(house.here, roomId, host), await house.visit(house.there, roomId)];
    let snapshots = 0;
    viewer.room.on('snapshot', () => (snapshots += 1));
    const texts = Array.from({ length: 30 }, (_, i) => `line ${i}`);

    for (const [i, text] of texts.entries()) {
      if (i === 10) viewer.client.reconnect();
      await say(staff, text);
    }

    await eventually(() => viewer.texts().length >= texts.length);
    expect(viewer.texts()).toEqual(texts);
    expect(snapshots).toBe(0);
  });

  test('the position a client had on one gateway is good on the other', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const position = staff.room.position()!;
    for (const text of ['a', 'b', 'c']) await say(staff, text);

    // An answer reaches as far as frames were sent; what was said a moment ago comes with the next one.
    const caughtUp = (client: typeof staff.client) =>
      eventually(async () => {
        const answer = await client.request('room:join', { roomId, position });
        return answer.entries.length === 3 && answer;
      });
    const joined = await caughtUp(staff.client);
    const elsewhere = await house.visit(house.there, roomId);
    const there = await caughtUp(elsewhere.client);

    expect(joined.recovered).toBe(true);
    expect(there.recovered).toBe(true);
    expect(there.entries.map(({ kind }) => kind)).toEqual(['chat:message', 'chat:message', 'chat:message']);
    expect(there.entries).toEqual(joined.entries);
  });

  test('what was deleted while one was away does not come back', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const position = staff.room.position()!;
    const said = await say(staff, 'a mistake');
    await say(staff, 'something right');
    const messageId = said.outcome === 'sent' ? said.message.messageId : '';
    await staff.client.request('chat:delete', { roomId, messageId });

    const viewer = await house.visit(house.there, roomId);
    const joined = await viewer.client.request('room:join', { roomId, position });

    expect(JSON.stringify(joined.entries)).not.toContain('a mistake');
    expect(JSON.stringify(joined.entries)).toContain('something right');
    expect(joined).toMatchObject({ recovered: true, omitted: 1 });
  });

  test('when Redis lost everything, clients begin anew and are told so', async () => {
    const { host, roomId } = await house.show();
    const [staff, viewer] = [await house.visit(house.here, roomId, host), await house.visit(house.there, roomId)];
    await say(staff, 'before');
    await eventually(() => viewer.texts().includes('before'));
    const epoch = viewer.room.position()!.epoch;
    let snapshots = 0;
    viewer.room.on('snapshot', () => (snapshots += 1));

    await house.here.platform.redis.commands.flushall();
    await say(staff, 'after');

    await eventually(() => viewer.texts().includes('after'), { deadlineMs: 10_000 });
    expect(snapshots).toBe(1);
    expect(viewer.room.position()!.epoch).not.toBe(epoch);
    expect(viewer.texts().filter((text) => text === 'after')).toHaveLength(1);
  });

  test.each([
    ['more than a returning client gets', 2_200],
    ['some', 1_500],
  ])(
    'who missed %s is let in: %i entries, on the gateway that serves the room and on another',
    async (_what, missed) => {
      const { host, roomId } = await house.show();
      const staff = await house.visit(house.here, roomId, host);
      await say(staff, 'first');
      await eventually(() => staff.texts().includes('first'));
      const position = staff.room.position()!;
      await appendMany(roomId, missed);
      await eventually(() => staff.room.position()!.offset >= position.offset + missed);

      const here = await staff.client.request('room:join', { roomId, position }, { triesMax: 1 });
      const away = await house.client(house.there);
      const there = await away.request('room:join', { roomId, position }, { triesMax: 1 });

      for (const joined of [here, there]) {
        expect(joined.recovered).toBe(missed < 2_000);
        expect(joined.snapshot === null).toBe(joined.recovered);
        if (joined.recovered) expect(joined.entries.length + joined.omitted).toBe(missed);
      }
    },
  );

  test('whoever asks again and again for much that they missed gets a snapshot instead, and nobody else does', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const position = staff.room.position()!;
    await appendMany(roomId, 1_500);
    await eventually(() => staff.room.position()!.offset >= position.offset + 1_500);
    const [greedy, other] = [await house.client(house.here), await house.client(house.here)];

    const answers = [];
    for (let asked = 0; asked < 20; asked += 1) answers.push(await greedy.request('room:join', { roomId, position }));
    const theirs = await other.request('room:join', { roomId, position });

    expect([answers[0]!, answers.at(-1)!, theirs].map(({ recovered }) => recovered)).toEqual([true, false, true]);
    for (const { recovered, snapshot } of answers) expect(snapshot === null).toBe(recovered);
  });

  test('a gateway that was deaf for longer than frames can make up for has everybody begin anew, without a lie', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.there, roomId, host);
    const viewer = await house.visit(house.here, roomId);
    const told: string[] = [];
    viewer.room.on('omitted', () => told.push('omitted'));
    viewer.room.on('snapshot', () => told.push('snapshot'));

    await house.here.platform.redis.subscriber.unsubscribe(`nm:v1:{room:${roomId}}:feed`);
    await appendMany(roomId, 5_000);
    await staff.client.request('room:edit', { roomId, title: 'Another title' });

    await eventually(() =>
      viewer.seen.some((entry) => entry.kind === 'room:changed' && entry.body.title === 'Another title'),
    );
    expect(new Set(told)).toEqual(new Set(['snapshot']));
  });

  async function appendMany(roomId: string, count: number): Promise<void> {
    const store = createLogStore(house.here.platform.redis.commands, { chatPerSecondMax: 100 });
    const tail = {
      lane: 'host',
      senderId: '',
      entryId: '',
      redacts: [],
      kind: 'chat:announced',
      body: '{"text":null}',
    } as const;
    for (let left = count; left > 0; left -= 100)
      await store.append(
        roomId,
        Array.from({ length: Math.min(100, left) }, () => ({ tail, clientKey: undefined })),
      );
  }

  test('the archive is paged without a hole, though many entries share an instant', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    await appendMany(roomId, 95);
    const page = (place: { beforeMs?: number; beforeOffset?: number }) =>
      staff.client.request('chat:history', { roomId, rows: 10, ...place });
    await eventually(
      async () => (await staff.client.request('chat:history', { roomId, rows: 100 })).entries.length === 96,
    );

    const offsets: number[] = [];
    for (let { entries } = await page({}); entries.length > 0;) {
      offsets.push(...entries.map(({ offset }) => offset));
      const last = entries.at(-1)!;
      ({ entries } = await page({ beforeMs: last.atMs, beforeOffset: last.offset }));
    }

    expect(offsets).toEqual(Array.from({ length: 96 }, (_, i) => 96 - i));
  });

  test('the archive keeps what was said, without what was taken back', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    await say(staff, 'kept');
    const gone = await say(staff, 'taken back');
    await staff.client.request('chat:delete', {
      roomId,
      messageId: gone.outcome === 'sent' ? gone.message.messageId : '',
    });

    const { entries } = await eventually(
      async () => {
        const history = await staff.client.request('chat:history', { roomId });
        return history.entries.some(({ kind }) => kind === 'chat:deleted') && history;
      },
      { deadlineMs: 10_000 },
    );

    const texts = entries
      .filter(({ kind }) => kind === 'chat:message')
      .map(({ body }) => (body as { text: string }).text);
    expect(texts).toEqual(['kept']);
  });
});
