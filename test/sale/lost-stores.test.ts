import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { startEmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, freshRedis } from '../support/stack.ts';
import { violationsOf } from './history.ts';
import { createRecorder, illAnswered, ledgerOf } from './recorder.ts';
import { buy, buyers, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

const supplyUnits = 10;
const settleMsMax = 10_000;

type OwnRedis = { port: number; pid: number; child: ChildProcess; folder: string };

describe('a sale whose stores are lost, cut, frozen or replaced, on two gateways', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** A redis-server that the test may kill, freeze and start again over the same files. */
  async function startRedis(settings: Record<string, string> = {}, folder?: string, port = 0): Promise<OwnRedis> {
    const home = folder ?? mkdtempSync(join(tmpdir(), 'nightmarket-own-redis-'));
    const number = port || (await freePort());
    const all = { port: String(number), bind: '127.0.0.1', dir: home, save: '', ...settings };
    const child = spawn(
      'redis-server',
      Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    closers.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (!folder) rmSync(home, { recursive: true, force: true });
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await eventually(() => printed.includes('Ready to accept connections'), { deadlineMs: 10_000 });
    return { port: number, pid: child.pid!, child, folder: home };
  }

  /** Two gateways, one of them with the worker, over these stores. */
  async function openGateways(stores: { databaseUrl: string; redisUrl: string }): Promise<[App, App, ShopFloor]> {
    const here = await startTestApp(stores);
    closers.push(here.close);
    const there = await startTestApp(stores, { settings: { NIGHTMARKET_ROLES: 'gateway' } });
    closers.push(there.close);
    return [here, there, await openShopFloor(here, { units: 1_000 })];
  }

  /** Half of the people buy; something happens; then all insist, until every unit is sold. Nothing may be broken. */
  async function sellThrough(
    [here, there, floor]: [App, App, ShopFloor],
    happens: (half: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<void> {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    const people = (await buyers(here, supplyUnits + 4)).map((buyer) => ({ buyer, key: newKey() }));
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const insist = (some: typeof people) =>
      Promise.all(some.map(({ buyer, key }, i) => recorder.insist(i % 2 ? here : there, buyer, key)));

    await happens(() => insist(people.slice(0, supplyUnits / 2)));
    await eventually(
      async () => {
        await insist(people);
        return (await ledgerOf(here, offerId)).orders.length === supplyUnits;
      },
      { deadlineMs: settleMsMax },
    );

    const sale = {
      offers: [{ offerId, supplyUnits, limitUnits: 1 }],
      releaseMsMax: 1_000,
      settleMsMax,
      serveMsMax: 3_000,
    };
    expect(violationsOf(sale, recorder.told, await ledgerOf(here, offerId))).toEqual([]);
    expect(illAnswered(recorder.told)).toEqual([]);
    const held = recorder.told.attempts.filter(({ answer }) => answer.outcome === 'held');
    expect(held.length).toBeGreaterThanOrEqual(supplyUnits);
  }

  test('Redis comes back without the end of its file: nobody who was told is forgotten, nothing is sold twice', async () => {
    const files = { appendonly: 'yes', appendfsync: 'always' };
    const redis = await startRedis(files);
    const gateways = await openGateways({ databaseUrl: await freshDatabase(), redisUrl: urlOf(redis.port) });

    await sellThrough(gateways, async (half) => {
      await half();
      redis.child.kill('SIGKILL');
      await once(redis.child, 'exit');
      cutTail(join(redis.folder, 'appendonlydir'));
      await startRedis(files, redis.folder, redis.port);
    });
  }, 40_000);

  test('a replica that had fallen behind takes over: what it does not know of is read from the ledger', async () => {
    const primary = await startRedis();
    const replica = await startRedis({ replicaof: `127.0.0.1 ${primary.port}` });
    const line = await switchboard(primary.port);
    closers.push(line.close);
    const gateways = await openGateways({ databaseUrl: await freshDatabase(), redisUrl: urlOf(line.port) });
    const control = new Redis(urlOf(replica.port));
    closers.push(() => control.disconnect());
    await eventually(async () => (await control.info('replication')).includes('master_link_status:up'));

    await sellThrough(gateways, async (half) => {
      process.kill(replica.pid, 'SIGSTOP');
      await half();
      primary.child.kill('SIGKILL');
      await once(primary.child, 'exit');
      process.kill(replica.pid, 'SIGCONT');
      await control.replicaof('NO', 'ONE');
      line.switchTo(replica.port);
    });
  }, 40_000);

  test('while Redis is frozen sold out is still said and everything else is RETRY in time; afterwards a key has one order', async () => {
    const redis = await startRedis();
    const [here, there, floor] = await openGateways({
      databaseUrl: await freshDatabase(),
      redisUrl: urlOf(redis.port),
    });
    const soldOut = await openOffer(here, floor, { allotmentUnits: 1 });
    const open = await openOffer(here, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    const people = await buyers(here, 4);
    const recorder = createRecorder(floor, { offerId: open.offerId, units: 1 });
    const key = newKey();
    await recorder.insist(here, people[0]!, newKey());
    await buy(here, floor, people[0]!, { offerId: soldOut.offerId, units: 1 });
    for (const app of [here, there]) await buy(app, floor, people[1]!, { offerId: soldOut.offerId, units: 1 });

    process.kill(redis.pid, 'SIGSTOP');
    const first = recorder.tryOnce(there, people[2]!, key);
    await eventually(async () => {
      const { outcome, tookMs } = await timed(there, floor, people[3]!, soldOut.offerId);
      return outcome === 'sold_out' && tookMs < 500;
    });
    const waited = await first;
    expect(waited.answer.outcome).toBe('retry');
    // Once its call has failed, too, all others are told at once.
    await eventually(async () => {
      const { answer, beganAtMs, endedAtMs } = await recorder.tryOnce(there, people[3]!, newKey());
      return answer.outcome === 'retry' && endedAtMs! - beganAtMs < 500;
    });
    expect(illAnswered(recorder.told)).toEqual([]);
    process.kill(redis.pid, 'SIGCONT');

    const held = await recorder.insist(here, people[2]!, key);
    expect(held.answer.outcome).toBe('held');
    const offers = [{ offerId: open.offerId, supplyUnits, limitUnits: 1 }];
    const sale = { offers, releaseMsMax: 1_000, settleMsMax, serveMsMax: 3_000 };
    const ledger = await ledgerOf(here, open.offerId);
    expect(violationsOf(sale, recorder.told, ledger)).toEqual([]);
    // A call of the others may have been answered after all.
    const theirs = ledger.orders.filter(({ buyerId }) => buyerId === people[2]!.person.personId);
    expect(theirs).toHaveLength(1);
  }, 40_000);

  test('a Redis that throws keys away when it is full is refused at the start', async () => {
    const redis = await startRedis({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' });
    const stores = { databaseUrl: await freshDatabase(), redisUrl: urlOf(redis.port) };

    await expect(startTestApp(stores)).rejects.toThrow('set it to noeviction');
  });

  test('PostgreSQL stops in the middle of everything: who was told has an order, the others get one answer each', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'nightmarket-own-postgres-'));
    const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
    closers.push(() => rmSync(dataDir, { recursive: true, force: true }), postgres.stop);
    const gateways = await openGateways({ databaseUrl: postgres.url, redisUrl: await freshRedis() });

    await sellThrough(gateways, async (half) => {
      const selling = half();
      const pidFile = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).find((name) =>
        name.endsWith('postmaster.pid'),
      )!;
      // Immediate shutdown: as if the machine had lost power.
      process.kill(Number(readFileSync(join(dataDir, pidFile), 'utf8').split('\n')[0]), 'SIGQUIT');
      await selling;
    });
  }, 60_000);
});

const urlOf = (port: number): string => `redis://127.0.0.1:${port}`;

async function timed(app: App, floor: ShopFloor, buyer: Session, offerId: string) {
  const beganMs = performance.now();
  const reply = await buy(app, floor, buyer, { offerId, units: 1 });
  return { outcome: reply.ok ? reply.data.outcome : reply.error.code, tookMs: performance.now() - beganMs };
}

/** A third of the last file is gone, in the middle of a command. */
function cutTail(folder: string): void {
  const last = readdirSync(folder)
    .filter((name) => name.includes('.incr.'))
    .sort()
    .at(-1)!;
  const file = join(folder, last);
  truncateSync(file, Math.floor((statSync(file).size * 2) / 3));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One address behind which the server can be exchanged, as a failover does. */
async function switchboard(firstPort: number) {
  let target = firstPort;
  const links = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      links.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          links.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    switchTo(port: number): void {
      target = port;
      links.forEach((socket) => socket.destroy());
    },
    async close(): Promise<void> {
      links.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
