import { openFleet, type Answered, type Fleet } from '../../harness/fleet.ts';
import type { RequestTemplate } from '../../harness/fleet-tasks.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { startServer, type ServerUnderTest } from '../../harness/server-under-test.ts';
import { openRooms } from '../chat/ours.ts';

/** People who ask at the same time: more than one commit takes, so that commits are as large as in a flash crowd. */
const atOnceMax = 2_000;

type Crowd = { server: ServerUnderTest; fleet: Fleet; hostToken: string; roomId: string };

/** What a command costs that does nothing: frame, schema, policy, answer. */
export const emptyCommandSide = (load: Load, sockets: number): Side =>
  commandSide(load, sockets, {
    name: 'empty command',
    setUp: 'session:who by every socket, all at the same time: parsed, allowed and answered from the token',
    measure: (crowd) => ask(load, 'empty command', crowd, { name: 'session:who', input: {} }, '"ok":true'),
  });

/** An entry: told `entered` when it is durable, with its signed receipt. */
export const entrySide = (load: Load, sockets: number): Side =>
  commandSide(load, sockets, {
    name: 'entry',
    setUp: 'giveaway:enter by every socket, all at the same time, a new giveaway without tasks at each measurement',
    async measure(crowd) {
      const giveawayId = await publish(crowd);
      const request = { name: 'giveaway:enter', input: { giveawayId, nonce: '00'.repeat(16) } };
      const sample = await ask(load, 'entry', crowd, request, '"outcome":"entered"');
      const { entryCount } = await call<{ entryCount: number }>(crowd, 'GET', `/api/giveaways/${giveawayId}`);
      load.check('every entrant is in the list once', entryCount === crowd.fleet.sockets, `${entryCount} entries`);
      await call(crowd, 'POST', `/api/giveaways/${giveawayId}/cancel`, { reason: 'measured' });
      return sample;
    },
  });

type Command = { name: string; setUp: string; measure: (crowd: Crowd) => Promise<Sample> };

function commandSide(load: Load, sockets: number, { name, setUp, measure }: Command): Side {
  return {
    name,
    setUp,
    async open() {
      const server = await startServer(await load.stores());
      const crowd = await openCrowd(server, sockets).catch(async (error: unknown) => {
        await server.stop();
        throw error;
      });
      return {
        measure: () => measure(crowd),
        async close() {
          await crowd.fleet.close();
          await server.stop();
        },
      };
    },
  };
}

async function openCrowd(server: ServerUnderTest, sockets: number): Promise<Crowd> {
  const [host, ...people] = await server.people(sockets + 1, 'account');
  const hostToken = host!.accessToken;
  const [roomId] = await openRooms(server, hostToken, 1);
  const auths = people.map(({ accessToken }) => ({ token: accessToken }));
  return { server, hostToken, roomId: roomId!, fleet: await openFleet({ url: server.url, auths, atOnceMax }) };
}

async function ask(
  load: Load,
  name: string,
  { server, fleet }: Crowd,
  request: RequestTemplate,
  good: string,
): Promise<Sample> {
  const before = { server: server.cpuMs(), stores: server.storesCpu() };
  const { tally, latency, firstOther }: Answered = await fleet.requestAll({ ...request, tally: [good] });
  const cpuMs = server.cpuMs() - before.server;
  const stores = server.storesCpu();
  load.check(`${name}: everybody gets the answer`, tally[good] === fleet.sockets, firstOther ?? '');
  return {
    value: (cpuMs * 1_000) / fleet.sockets,
    figures: {
      answersPerCpuSecond: (fleet.sockets * 1_000) / cpuMs,
      postgresUs: ((stores.postgresMs - before.stores.postgresMs) * 1_000) / fleet.sockets,
      redisUs: ((stores.redisMs - before.stores.redisMs) * 1_000) / fleet.sockets,
      p50Ms: latency.p50Ms,
      p99Ms: latency.p99Ms,
    },
  };
}

async function publish(crowd: Crowd): Promise<string> {
  const path = `/api/rooms/${crowd.roomId}/giveaways`;
  const { giveawayId } = await call<{ giveawayId: string }>(crowd, 'POST', path, {
    kind: 'lucky-bag',
    title: 'Lamps',
    prize: { prize: 'goods', what: 'A lamp', valueMinor: 1_000, currency: 'EUR' },
    prizeCount: 10,
    closesAtMs: Date.now() + 600_000,
    requestKey: `measured at ${performance.now()}`,
  });
  return giveawayId;
}

async function call<T>({ server, hostToken }: Crowd, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${hostToken}` };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, { method, headers, ...sent });
  const reply = (await response.json()) as { ok: boolean; data: T };
  if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(reply)}`);
  return reply.data;
}
