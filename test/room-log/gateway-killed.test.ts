import { expect, test } from 'vitest';
import { createClient, type Client } from '../../shared/client/client.ts';
import type { RoomSession } from '../../shared/client/room.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { buyers, buyPatiently, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import { freshStores, guest } from '../support/app.ts';
import { startChildGateway, type ChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startBalancer } from './balancer.ts';
import { checkHistory, type ClientEvent, type SendHistory } from './history-checker.ts';
import { keptLog, textOf } from './kept-log.ts';

const speakers = 12;
const messagesEach = 18;
const total = speakers * messagesEach;
/** The first and the second kill: when so much has been said; and how much of each speaker's at the most, so that the kill falls into the traffic. */
const kills = [
  { after: total / 4, before: 10 },
  { after: (total * 3) / 5, before: 14 },
];
const listeners = 12;
/** Lines shown in a second: fewer than are said, so that some are left out for everybody. */
const cap = '10';
const acts = 24;

type Watched = { name: string; client: Client; room: RoomSession; events: ClientEvent[] };
type Said = SendHistory & { messageId: string };
type Traffic = { floor: ShopFloor; offerId: string; url: string; said: Said[] };

test('two gateways are killed in full traffic: no client misses, repeats or reorders anything, nothing is lost or doubled', async () => {
  const stores = await freshStores();
  const settings = { NIGHTMARKET_CHAT_PER_SECOND_MAX: cap };
  const start = (): Promise<ChildGateway> => startChildGateway(stores, settings);
  const gateways = [await start(), await start(), await start()] as const;
  const [first, second, other] = gateways;
  const balancer = await startBalancer(gateways.map(({ url }) => url));
  const floor = await openShopFloor(other);
  const { offerId } = await openOffer(other, floor, { allotmentUnits: 60, limitUnits: 60 });
  const traffic: Traffic = { floor, offerId, url: balancer.url, said: [] };
  const people = await Promise.all(
    Array.from({ length: speakers + listeners }, (_, i) => watch(`person ${i}`, traffic)),
  );
  const troll = await watch('troll', traffic);
  await eventually(() => [troll, ...people].every(({ room }) => room.state() === 'joined'));

  const cameAgain = new Set<string>();
  for (const { name, room } of people) room.on('state', (state) => state === 'joining' && cameAgain.add(name));
  const killed = [first, second].map(({ kill }, i) =>
    eventually(() => traffic.said.length >= kills[i]!.after, { deadlineMs: 60_000 }).then(kill),
  );
  const [shouted, bought] = await Promise.all([
    shout(troll, traffic),
    Promise.all((await buyers(other, 4)).map((buyer) => buyOften(buyer, traffic))),
    host(troll, traffic),
    ...people.slice(0, speakers).map((person) => speak(person, traffic, killed)),
  ]);
  await Promise.all(killed);
  // Purchases are told a little later, so the log may grow still.
  const { log, end } = await eventually(
    async () => {
      const kept = await keptLog(stores.redisUrl, floor.roomId);
      const last = Math.max(...kept.keys());
      const areThere = people.every(({ room }) => room.state() === 'joined' && room.position()?.offset === last);
      return areThere && { log: kept, end: last };
    },
    { deadlineMs: 30_000 },
  );

  const histories = people.map(({ name, events }) => ({ name, events, end }));
  const lines = [...log.values()].filter(({ text }) => text.includes(' says '));
  expect(traffic.said).toHaveLength(total);
  expect(lines).toHaveLength(total);
  expect(cameAgain.size).toBeGreaterThan(0);
  expect(checkHistory(log, histories, [...traffic.said, ...shouted])).toEqual([]);
  // Recovery gave them what they missed: nobody had to begin from a snapshot again.
  expect(people.every(({ events }) => events.filter(({ what }) => what === 'snapshot').length === 1)).toBe(true);
  // All of it was in the way: lines above the cap besides those taken back, a troll put out, pins and sales.
  expect(lines.filter(({ mayBeOmitted }) => mayBeOmitted).length).toBeGreaterThan(acts);
  expect(shouted.length).toBeGreaterThan(0);
  expect([...log.values()].filter(({ text }) => text === 'offer:pinned').length).toBeGreaterThan(1);
  expect(new Set(bought.flat()).size).toBe(bought.flat().length);

  for (const { client } of [troll, ...people]) client.close();
  await balancer.close();
  await other.stop();
}, 180_000);

async function watch(name: string, { url, floor: { roomId } }: Traffic): Promise<Watched> {
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
async function speak(person: Watched, traffic: Traffic, killed: readonly Promise<unknown>[]): Promise<void> {
  for (let i = 0; i < messagesEach; i += 1) {
    await killed[kills.findIndex(({ before }) => before === i)];
    const said = await say(person, traffic, `${person.name} says ${i}`);
    if (typeof said === 'string') throw new Error(`refused: ${said}`);
    traffic.said.push(said);
  }
}

/** Speaks until nobody lets them. Returns what was acknowledged until then. */
async function shout(troll: Watched, traffic: Traffic): Promise<SendHistory[]> {
  const shouted: SendHistory[] = [];
  for (;;) {
    const said = await say(troll, traffic, `troll shouts ${shouted.length}`).catch(() => 'put out');
    if (typeof said === 'string') return shouted;
    shouted.push(said);
    await eventually(() => traffic.said.length > shouted.length * 2);
  }
}

/** The reason where it was refused. */
async function say({ client, name }: Watched, { floor: { roomId } }: Traffic, text: string): Promise<Said | string> {
  const requestKey = `${name}-${text}`.replaceAll(' ', '-');
  const answer = await client.request('chat:send', { roomId, text, requestKey }, { triesMax: 30 });
  if (answer.outcome !== 'sent') return answer.outcome;
  return { text, offset: answer.position.offset, messageId: answer.message.messageId };
}

/** What a host does while people speak: shows a product and puts it away, deletes a line, and in the end puts the troll out. */
async function host(troll: Watched, { floor, offerId, url, said }: Traffic): Promise<void> {
  const client = createClient({ url, credentials: async () => floor.host });
  const { roomId } = floor;
  const safe = { repeatable: true, triesMax: 30 };
  for (let i = 1; i <= acts; i += 1) {
    await eventually(() => said.length >= (total * i) / (acts + 1), { deadlineMs: 60_000 });
    await client.request(i % 2 ? 'offer:pin' : 'offer:unpin', { roomId, offerId }, safe);
    await client.request('chat:delete', { roomId, messageId: said.at(-1)!.messageId }, safe);
    if (i !== acts / 2) continue;
    const { personId } = await troll.client.request('session:who', {});
    await client.request('moderation:sanction', { roomId, personId, kind: 'ban', purge: true }, safe);
  }
  client.close();
}

/** Buys until all speakers are done. The ids of the orders: each key has one, however often it was asked for. */
async function buyOften(buyer: Session, { floor, offerId, url, said }: Traffic): Promise<string[]> {
  const orderIds: string[] = [];
  while (said.length < total) {
    const [lines, key] = [{ offerId, units: 1 }, newKey()];
    // Over a connection of a gateway that is killed the answer is lost.
    const answer = await eventually(() => buyPatiently({ url }, floor, buyer, lines, key));
    if (answer.outcome !== 'held') throw new Error(`not held: ${answer.outcome}`);
    orderIds.push(answer.order.orderId);
    await eventually(() => said.length >= (total * orderIds.length) / 12, { deadlineMs: 60_000 });
  }
  return orderIds;
}
