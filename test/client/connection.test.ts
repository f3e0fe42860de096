import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createClient } from '../../shared/client/client.ts';
import { answerMsMax } from '../../shared/client/connection.ts';
import { systemTime, type Time } from '../../shared/client/time.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const hourMs = 3_600_000;
/** The way to a server on the same machine and back takes less, ms. */
const errorMaxMs = 1_000;

let app: App;
let session: Session;

beforeAll(async () => {
  app = await startTestApp(await freshStores());
  session = await account(app);
});
afterAll(() => app.close());

/** A client on a machine whose clock is ahead, and the waits it asked for. */
function clientAhead(aheadMs: number) {
  const waitsMs: number[] = [];
  const time: Time = {
    ...systemTime,
    nowMs: () => Date.now() + aheadMs,
    after(ms, run) {
      waitsMs.push(ms);
      return systemTime.after(ms, run);
    },
  };
  let asked = 0;
  const client = createClient({
    url: app.url,
    time,
    credentials: async () => {
      asked += 1;
      return session;
    },
  });
  return { client, waitsMs, asked: () => asked };
}

test.each([hourMs, -hourMs])('a clock that is %d ms off is set right by the connection alone', async (aheadMs) => {
  const { client } = clientAhead(aheadMs);
  const heard: number[] = [];
  client.on('clock', ({ offsetMs }) => heard.push(offsetMs));

  await eventually(() => heard.length > 0);

  expect(Math.abs(heard[0]! + aheadMs)).toBeLessThan(errorMaxMs);
  expect(Math.abs(client.clock.nowMs() - Date.now())).toBeLessThan(errorMaxMs);
  client.close();
});

test('a clock that is ahead of the end of the token renews it once, and not every second from then on', async () => {
  const { client, waitsMs, asked } = clientAhead(hourMs);

  await eventually(() => asked() === 2);
  await eventually(() => waitsMs.some((ms) => ms > 60_000));

  expect(asked()).toBe(2);
  client.close();
});

test('a client that was told of a network does not wait any longer to come back', async () => {
  const network = await startTcpProxy(app.url);
  const never: Time = { ...systemTime, after: () => () => undefined };
  const client = createClient({ url: network.url.replace(/\/$/, ''), time: never, credentials: async () => session });
  await eventually(() => client.isOnline());
  network.cut();
  await eventually(() => !client.isOnline());

  client.returnNow();

  await eventually(() => client.isOnline());
  client.close();
  await network.close();
});

test('a connection that its network took along is noticed within seconds of a hint, and one that answers is kept', async () => {
  const network = await startTcpProxy(app.url);
  const looks: { isOver: boolean }[] = [];
  const time: Time = {
    ...systemTime,
    after(ms, run) {
      if (ms !== answerMsMax) return systemTime.after(ms, run);
      const look = { isOver: false };
      looks.push(look);
      const cancel = systemTime.after(ms, run);
      return () => {
        look.isOver = true;
        cancel();
      };
    },
  };
  const client = createClient({ url: network.url, time, credentials: async () => session });
  const states: string[] = [];
  client.on('state', (state) => states.push(state));
  await eventually(() => client.isOnline());

  client.returnNow();
  client.check();
  await eventually(() => looks[0]?.isOver);
  expect([looks.length, states]).toEqual([1, ['online']]);
  network.strand();
  client.check();

  await eventually(() => states.length === 3);
  expect(states).toEqual(['online', 'offline', 'online']);
  client.close();
  await network.close();
});

test('a first connection that fails is told, once for all its tries, and comes when there is a server', async () => {
  const network = await startTcpProxy(app.url);
  network.refuse();
  let waits = 0;
  const time: Time = {
    ...systemTime,
    after(ms, run) {
      waits += 1;
      return systemTime.after(ms / 10, run);
    },
  };
  const client = createClient({ url: network.url, time, credentials: async () => session });
  const states: string[] = [];
  client.on('state', (state) => states.push(state));
  await eventually(() => waits > 2);

  network.accept();

  await eventually(() => states.at(-1) === 'online');
  expect(states).toEqual(['offline', 'online']);
  client.close();
  await network.close();
});
