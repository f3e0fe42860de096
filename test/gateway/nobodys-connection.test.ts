import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../server/app/app.ts';
import { freshStores, guest, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { unreadBytesOf } from './unread-bytes.ts';

/** A wish for a namespace that there is not. Socket.IO answers with its name. */
const elsewhere = `40/${'x'.repeat(60_000)},`;

describe('a connection that nobody has signed in on, or no longer', () => {
  let app: App;
  let network: TcpProxy;
  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    network = await startTcpProxy(app.url);
  });
  afterAll(async () => {
    await network.close();
    await app.close();
  });
  afterEach(() => network.resume());

  const connections = () =>
    Object.values(app.gateway.sockets.io.engine['clients'] as unknown as Record<string, object>);

  /** A connection that engine.io has taken, and its counterpart on the server. */
  async function connected() {
    const known = new Set(connections());
    const socket = new WebSocket(`${network.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    socket.on('error', () => undefined); // It is cut.
    onTestFinished(() => socket.terminate());
    await once(socket, 'message');
    const connection = connections().find((each) => !known.has(each))!;
    return { socket, unreadBytes: () => unreadBytesOf(connection), ended: once(socket, 'close') };
  }

  async function signedIn() {
    const one = await connected();
    one.socket.send(`40${JSON.stringify({ token: (await guest(app)).accessToken })}`);
    await once(one.socket, 'message');
    return one;
  }

  test('ends with its socket', async () => {
    const { socket, ended } = await signedIn();

    socket.send('41');

    await ended;
  });

  test.each([
    ['wishes for other namespaces', elsewhere],
    ['wishes for another socket', '40{}'],
  ])('can not pile up answers to %s after its socket has gone', async (_what, wish) => {
    const { socket, unreadBytes } = await signedIn();
    network.stall('toClient');
    socket.send('41');

    expect(await mostUnread(unreadBytes, () => socket.send(wish))).toBeLessThan(2 * elsewhere.length);
  });

  test('can not pile up answers to wishes before anybody has signed in', async () => {
    const { socket, unreadBytes } = await connected();
    network.stall('toClient');

    expect(await mostUnread(unreadBytes, () => socket.send(elsewhere))).toBeLessThan(2 * elsewhere.length);
  });

  test('is told why it may not sign in, and ended', async () => {
    const { socket, ended } = await connected();
    const refusal = once(socket, 'message');

    socket.send('40{"token":"forged"}');

    expect(String(await refusal)).toContain('UNAUTHENTICATED');
    await ended;
  });

  test('is cut when pongs pile up that it asked for', async () => {
    const { socket, unreadBytes } = await connected();
    network.stall('toClient');

    await mostUnread(unreadBytes, () => socket.ping('x'.repeat(125)), 3_000);
  });

  /** Does something over and over, `times` in one go, until the server has let go. Returns the most that lay unread, bytes. */
  async function mostUnread(unreadBytes: () => number, act: () => void, times = 100): Promise<number> {
    const before = connections().length;
    let most = 0;
    await eventually(
      () => {
        for (let done = 0; done < times; done += 1) act();
        most = Math.max(most, unreadBytes());
        return connections().length < before;
      },
      { deadlineMs: 5_000 }, // Without a socket Socket.IO itself lets go after 10 s.
    );
    return most;
  }
});
