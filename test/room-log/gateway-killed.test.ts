import { expect, test } from 'vitest';
import { createClient, type Client } from '../../shared/client/client.ts';
import type { RoomSession } from '../../shared/client/room.ts';
import { account, call, freshStores, guest } from '../support/app.ts';
import { startChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startBalancer } from './balancer.ts';
import { checkHistory, type ClientEvent, type SendHistory } from './history-checker.ts';
import { keptLog, textOf } from './kept-log.ts';

const speakers = 12;
const messagesEach = 18;
/** Of these, so many are said after the kill in any case, so that it falls into the traffic on a slow machine too. */
const messagesAfter = 4;
const listeners = 12;

type Watched = { name: string; client: Client; room: RoomSession; events: ClientEvent[] };

test('a gateway is killed in full traffic: no client misses, repeats or reorders anything, no message is lost or doubled', async () => {
  const stores = await freshStores();
  const doomed = await startChildGateway(stores);
  const other = await startChildGateway(stores);
  const balancer = await startBalancer([doomed.url, other.url]);
  const host = await account({ url: other.url });
  const created = await call({ url: other.url }, 'POST', '/api/rooms', {
    token: host.accessToken,
    body: { title: 'Storm' },
  });
  const roomId: string = created.body.data.roomId;
  const people = await Promise.all(
    Array.from({ length: speakers + listeners }, (_, i) => watch(`person ${i}`, balancer.url, roomId)),
  );
  await eventually(() => people.every(({ room }) => room.state() === 'joined'), { deadlineMs: 20_000 });

  const sends: SendHistory[] = [];
  const onDoomed = new Set<string>();
  for (const { name, room } of people) room.on('state', (state) => state === 'joining' && onDoomed.add(name));
  const killed = eventually(() => sends.length >= (speakers * messagesEach) / 4, { deadlineMs: 60_000 }).then(
    doomed.kill,
  );
  await Promise.all(people.slice(0, speakers).map((person) => speak(person, { roomId, sends, killed })));
  await killed;
  const log = await keptLog(stores.redisUrl, roomId);
  const end = Math.max(...log.keys());
  await eventually(() => people.every(({ room }) => room.state() === 'joined' && room.position()?.offset === end), {
    deadlineMs: 30_000,
  });

  const histories = people.map(({ name, events }) => ({ name, events, end }));
  expect(sends).toHaveLength(speakers * messagesEach);
  expect([...log.values()].filter(({ text }) => text.includes(' says '))).toHaveLength(sends.length);
  expect(onDoomed.size).toBeGreaterThan(0);
  expect(checkHistory(log, histories, sends)).toEqual([]);
  // Recovery gave them what they missed: nobody had to begin from a snapshot again.
  expect(people.every(({ events }) => events.filter(({ what }) => what === 'snapshot').length === 1)).toBe(true);

  for (const { client } of people) client.close();
  await balancer.close();
  await other.stop();
}, 180_000);

async function watch(name: string, url: string, roomId: string): Promise<Watched> {
  const session = await guest({ url }, name);
  const client = createClient({ url, credentials: async () => session });
  const room = client.room(roomId);
  const events: ClientEvent[] = [];
  room.on('snapshot', ({ position }) => events.push({ what: 'snapshot', ...position }));
  room.on('omitted', (count) => events.push({ what: 'omitted', count }));
  room.on('entry', (entry) => events.push({ what: 'entry', offset: entry.offset, text: textOf(entry) }));
  return { name, client, room, events };
}

/** Says one message after the other; an answer that got lost is asked for again under the same key, until it comes. */
async function speak(
  { name, client }: Watched,
  { roomId, sends, killed }: { roomId: string; sends: SendHistory[]; killed: Promise<unknown> },
): Promise<void> {
  for (let i = 0; i < messagesEach; i += 1) {
    if (i === messagesEach - messagesAfter) await killed;
    const text = `${name} says ${i}`;
    const answer = await client.request('chat:send', { roomId, text, requestKey: `${name}-${i}` }, { triesMax: 30 });
    if (answer.outcome !== 'sent') throw new Error(`"${text}" was refused: ${answer.outcome}`);
    sends.push({ text, offset: answer.position.offset });
  }
}
