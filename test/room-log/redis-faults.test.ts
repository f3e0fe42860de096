import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { createLog } from '../../server/platform/log.ts';
import { asOutage } from '../../server/platform/outage.ts';
import { createRedis } from '../../server/platform/redis.ts';
import { createClient } from '../../shared/client/client.ts';
import { startFaultyRedis, type FaultyRedis } from '../support/faulty-redis.ts';
import { freshDatabase } from '../support/stack.ts';
import { guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type Visitor, type TwoGateways } from '../room/two-gateways.ts';
import { checkHistory, type ClientEvent } from './history-checker.ts';
import { keptLog, textOf } from './kept-log.ts';

type Said = { text: string; epoch: string; offset: number };

describe('a room in full traffic when something happens to Redis', () => {
  let redis: FaultyRedis;
  let house: TwoGateways;

  beforeAll(async () => {
    redis = await startFaultyRedis();
    house = await twoGateways({}, { databaseUrl: await freshDatabase(), redisUrl: redis.url });
  });
  afterAll(async () => {
    await house.close();
    await redis.stop();
  });

  /** Ten people on two gateways, and how to let the first of them speak. */
  async function crowd() {
    const { roomId } = await house.show();
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, i) => watch(`person ${i}`, [house.here, house.there][i % 2]!.url, roomId)),
    );
    const said: Said[] = [];
    await eventually(() => people.every(({ room }) => room.state() === 'joined'));

    return {
      roomId,
      people,
      said,
      speak: (word: string, times: number) =>
        Promise.all(people.slice(0, 6).map((person) => speakOften(person, word, times))),
      caughtUp: (end: { epoch: string; offset: number }) =>
        eventually(
          () => {
            for (const { room } of people) if (room.state() !== 'joined') return false;
            return people.every(({ room: { position } }) => sameText(position(), end));
          },
          { deadlineMs: 15_000 },
        ),
      close: () => people.forEach(({ client }) => client.close()),
    };

    async function speakOften({ name, client }: Watched, word: string, times: number): Promise<void> {
      for (let i = 0; i < times; i += 1) {
        const text = `${name} says ${word} ${i}`;
        const request = { roomId, text, requestKey: newKey() };
        const answer = await client.request('chat:send', request, { triesMax: 60, timeoutMs: 3_000 });
        if (answer.outcome === 'sent') said.push({ text, ...answer.position });
      }
    }
  }

  const endOf = async (roomId: string) => {
    const client = new Redis(redis.url);
    const [epoch, offset] = await client.hmget(`nm:v1:{room:${roomId}}:log:meta`, 'epoch', 'offset');
    client.disconnect();
    return { epoch: epoch!, offset: Number(offset) };
  };

  /** Judges what each client was told since it last began anew by what is kept, and that nobody was told two stories. */
  async function verdict({ roomId, people, said, caughtUp }: Awaited<ReturnType<typeof crowd>>) {
    const end = await endOf(roomId);
    await caughtUp(end);
    const log = await keptLog(redis.url, roomId);
    const histories = people.map(({ name, events }) => {
      const lastSnapshot = events.findLastIndex(({ what }) => what === 'snapshot');
      return { name, events: events.slice(lastSnapshot), end: end.offset };
    });
    const kept = said.filter(({ epoch }) => epoch === end.epoch);
    const stories = Map.groupBy(
      people.flatMap(({ told }) => told),
      ({ epoch, offset }) => `${epoch} ${offset}`,
    );
    const twoStories = [...stories.values()].filter((told) => new Set(told.map(({ text }) => text)).size > 1);
    return { violations: checkHistory(log, histories, kept), twoStories, end };
  }
  const snapshotsOf = ({ events }: Watched) => events.filter(({ what }) => what === 'snapshot').length;

  test('killed with its file intact: another epoch, and everybody begins anew, for nobody can know that nothing was lost', async () => {
    const people = await crowd();
    await people.speak('before', 10);
    const before = await endOf(people.roomId);

    const speaking = people.speak('meanwhile', 20);
    await redis.restart();
    await speaking;

    const { violations, twoStories, end } = await verdict(people);
    expect({ violations, twoStories }).toEqual({ violations: [], twoStories: [] });
    expect(end.epoch).not.toBe(before.epoch);
    expect(people.people.map(snapshotsOf)).toEqual(people.people.map(() => 2));
    people.close();
  });

  test('killed with the end of its file lost: who saw what is gone begins anew, and nobody takes new entries for known', async () => {
    const people = await crowd();
    await people.speak('kept', 5);
    const bytes = redis.fileBytes();
    await people.speak('lost', 5);
    const before = await endOf(people.roomId);
    await people.caughtUp(before);

    const speaking = people.speak('meanwhile', 20);
    await redis.restart(bytes + 7); // In the middle of a command.
    await speaking;

    const { violations, twoStories, end } = await verdict(people);
    expect({ violations, twoStories }).toEqual({ violations: [], twoStories: [] });
    expect(end.epoch).not.toBe(before.epoch);
    expect(people.people.map(snapshotsOf)).toEqual(people.people.map(() => 2));
    people.close();
  });

  test('emptied: another epoch, everybody begins anew', async () => {
    const people = await crowd();
    await people.speak('before', 5);
    const before = await endOf(people.roomId);
    await people.caughtUp(before);

    const speaking = people.speak('meanwhile', 20);
    await house.here.platform.redis.commands.flushall();
    await speaking;

    const { violations, twoStories, end } = await verdict(people);
    expect({ violations, twoStories }).toEqual({ violations: [], twoStories: [] });
    expect(end.epoch).not.toBe(before.epoch);
    expect(people.people.map(snapshotsOf)).toEqual(people.people.map(() => 2));
    people.close();
  });

  test('frozen for longer than commands wait: the same epoch, no gap, and what was sent again is said once', async () => {
    const people = await crowd();
    await people.speak('before', 5);
    const before = await endOf(people.roomId);

    const speaking = people.speak('meanwhile', 10);
    redis.freeze();
    // Whatever was sent before has waited in vain by then, and is done after all when Redis thaws.
    await expect(house.here.platform.redis.commands.ping()).rejects.toThrow(/timed out|max retries/);
    redis.thaw();
    await speaking;

    const { violations, twoStories, end } = await verdict(people);
    expect({ violations, twoStories }).toEqual({ violations: [], twoStories: [] });
    expect(end.epoch).toBe(before.epoch);
    expect(people.people.map(snapshotsOf)).toEqual(people.people.map(() => 1));
    expect(people.said).toHaveLength(6 * 15);
    people.close();
  }, 40_000);
});

test('chat of viewers stops before Redis is full, chat of staff later; what is sold and the answers to what was said go on', async () => {
  const redis = await startFaultyRedis();
  const house = await twoGateways({}, { databaseUrl: await freshDatabase(), redisUrl: redis.url });
  const { staff, viewer, roomId } = await house.hostAndViewer();
  const admin = new Redis(redis.url);
  // So much that what connections take or give back meanwhile is little beside it.
  await admin.setrange('ballast', 60_000_000, 'x');
  const usedBytes = Number(/^used_memory:(\d+)/m.exec(await admin.info('memory'))![1]);
  const useShare = (share: number) => admin.config('SET', 'maxmemory', Math.ceil(usedBytes / share));
  const before = { roomId, text: 'Before', requestKey: newKey() };
  const [said, staffSaid] = [viewer, staff].map(({ client }) => client.request('chat:send', before));
  await Promise.all([said, staffSaid]);
  const sayAs = ({ client }: Visitor) =>
    client.request('chat:send', { roomId, text: newKey(), requestKey: newKey() }, { triesMax: 1 }).then(
      ({ outcome }) => outcome,
      (error: unknown) => (error as { code: string }).code,
    );
  const say = () => sayAs(viewer);

  await useShare(0.85);
  await eventually(async () => (await say()) === 'RETRY');
  const announced = await staff.client.request('chat:announce', { roomId, text: 'We go on' });
  const byStaff = await staff.client.request('chat:send', { roomId, text: 'So do I', requestKey: newKey() });
  const saidAgain = await viewer.client.request('chat:send', before);
  await useShare(0.95);
  await eventually(async () => (await sayAs(staff)) === 'RETRY');
  const staffSaidAgain = await staff.client.request('chat:send', before);
  const announcing = staff.client.request('chat:announce', { roomId, text: 'Still here' }, { triesMax: 1 });
  await expect(announcing).rejects.toMatchObject({ code: 'RETRY' });
  const sanctioned = { roomId, personId: viewer.session.person.personId, kind: 'timeout', seconds: 1 } as const;
  await staff.client.request('moderation:sanction', sanctioned);
  await staff.client.request('room:start', { roomId });
  await admin.config('SET', 'maxmemory', 0);

  expect(announced).toEqual({ announcement: 'We go on' });
  expect(byStaff.outcome).toBe('sent');
  expect(saidAgain).toEqual(await said);
  expect(staffSaidAgain).toEqual(await staffSaid);
  await eventually(() => viewer.seen.some(({ kind }) => kind === 'moderation:sanctioned'));
  await eventually(async () => (await sayAs(staff)) === 'sent' && (await say()) === 'sent');
  admin.disconnect();
  await house.close();
  await redis.stop();
}, 40_000);

test('an append in flight when Redis dies is refused, not written into the life of the log that was lost', async () => {
  const redis = await startFaultyRedis();
  const clients = createRedis({ url: redis.url, log: createLog('silent') });
  await clients.connect();
  const store = createLogStore(clients.commands, { chatPerSecondMax: 100 });
  const append = (clientKey: string) => {
    const tail = { lane: 'chat', senderId: 'ana', entryId: '', redacts: [], kind: 'chat:message', body: '{}' } as const;
    return store.append('a-room', [{ tail, clientKey }]);
  };
  await append('kept');
  const bytes = redis.fileBytes();
  const [lost] = await append('lost');

  redis.freeze();
  const inFlight = append('in flight').catch((error: unknown) => asOutage(error)?.code);
  await redis.restart(bytes);
  const answer = await inFlight;
  const [after] = await eventually(() => append('in flight'));

  expect(answer).toBe('RETRY');
  expect(after).toMatchObject({ offset: 2, duplicate: false });
  expect(after!.epoch).not.toBe(lost!.epoch);
  expect((await store.end('a-room'))!.before).toEqual([{ epoch: lost!.epoch, offset: 1 }]);
  clients.close();
  await redis.stop();
});

type Watched = Awaited<ReturnType<typeof watch>>;

async function watch(name: string, url: string, roomId: string) {
  const session = await guest({ url }, name);
  const client = createClient({ url, credentials: async () => session });
  const room = client.room(roomId);
  const events: ClientEvent[] = [];
  const told: Said[] = [];
  room.on('snapshot', ({ position }) => events.push({ what: 'snapshot', ...position }));
  room.on('omitted', (count) => events.push({ what: 'omitted', count }));
  room.on('entry', (entry) => {
    const seen = { offset: entry.offset, text: textOf(entry) };
    events.push({ what: 'entry', ...seen });
    told.push({ ...seen, epoch: room.position()!.epoch });
  });
  return { name, client, room, events, told };
}

const sameText = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
