import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { call, freshStores, guest, startTestApp } from './app.ts';
import { startChildGateway } from './child-gateway.ts';
import { eventually } from './eventually.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

describe('the TCP proxy', () => {
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => (echoed += bytes.toString()));
    socket.pipe(socket);
  });
  let proxy: TcpProxy;
  let client: Socket;
  let heard = '';
  let echoed = '';

  beforeEach(async () => {
    echoed = '';
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await startTcpProxy(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`);
    client = await connectThrough(proxy);
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });

  /** `once` would reject: a broken connection tells an error first. */
  const closed = (socket: Socket) => new Promise<unknown>((resolve) => socket.once('close', resolve));

  function dial({ url }: TcpProxy): Socket {
    heard = '';
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true });
    socket.on('data', (bytes) => (heard += bytes.toString()));
    socket.on('error', () => undefined);
    return socket;
  }

  async function connectThrough(to: TcpProxy): Promise<Socket> {
    const socket = dial(to);
    await once(socket, 'connect');
    return socket;
  }

  test('hands bytes on in order, both ways', async () => {
    const sent = Array.from({ length: 500 }, (_, i) => `line ${i}\n`);
    for (const line of sent) client.write(line);
    await eventually(() => heard === sent.join(''));
  });

  test('hands them on later when it has latency', async () => {
    proxy.delay(40);
    const sentAtMs = performance.now();
    client.write('slow');
    await eventually(() => heard === 'slow');
    expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(79); // There and back; timers round down.
  });

  test('keeps what arrives while it is stalled, and hands it on afterwards', async () => {
    proxy.stall('toClient');
    client.write('kept');
    await eventually(() => echoed === 'kept');
    expect(heard).toBe('');
    proxy.resume();
    await eventually(() => heard === 'kept');
  });

  test('cuts in the middle of a message, after so many bytes', async () => {
    proxy.cutAfter(3, 'toClient');
    client.write('abcdef');
    await closed(client);
    expect(heard).toBe('abc');
    await eventually(() => proxy.connections === 0);
  });

  test('ends one direction and leaves the other open', async () => {
    proxy.halfClose('toServer');
    await once(client, 'end'); // The echo server ends its side when ours ends.
    expect(client.readableEnded).toBe(true);
    expect(client.destroyed).toBe(false);
  });

  test('breaks connections, and refuses new ones until told otherwise', async () => {
    proxy.refuse();
    await closed(client);
    await closed(dial(proxy));

    proxy.accept();
    client = await connectThrough(proxy);
    client.write('back');
    await eventually(() => heard === 'back');
  });
});

describe('the gateway as a child process', () => {
  test('honours sessions of its neighbour, freezes, thaws, and ends when it is killed', async () => {
    const stores = await freshStores();
    const neighbour = await startTestApp(stores);
    const { accessToken } = await guest(neighbour, 'Ana');
    const child = await startChildGateway(stores);
    try {
      const who = () => call(child, 'GET', '/api/session', { token: accessToken });
      expect((await who()).body.data.name).toBe('Ana');

      child.freeze();
      const asked = who();
      const first = await Promise.race([
        asked.then(() => 'answer'),
        call(neighbour, 'GET', '/healthz').then(() => 'neighbour'),
      ]);
      expect(first).toBe('neighbour');
      child.thaw();
      expect((await asked).status).toBe(200);

      await child.kill();
      await expect(who()).rejects.toThrow('fetch failed');
    } finally {
      await child.kill();
      await neighbour.close();
    }
  });

  test('says what is wrong when it can not start', async () => {
    const stores = await freshStores();
    await expect(startChildGateway(stores, { NIGHTMARKET_NONSENSE: '1' })).rejects.toThrow('there is no such setting');
  });
});
