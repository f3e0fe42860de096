import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { newId } from '../../shared/ids.ts';
import { limits } from '../../shared/limits.ts';
import { commandFrame, createAttacker } from '../../load-tests/harness/attacker.ts';
import { eventually } from '../support/eventually.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';

describe('bad input gets a code, never a stack trace', () => {
  let app: App;
  let session: Session;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    session = await guest(app);
  });
  afterAll(() => app.close());

  const post = (path: string, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${app.url}${path}`, { method: 'POST', body, headers });

  test.each([
    ['malformed JSON', () => post('/api/session/guest', '{"name":'), 400, 'BAD_INPUT'],
    ['a missing field', () => post('/api/session/guest', '{}'), 400, 'BAD_INPUT'],
    ['an unknown field', () => post('/api/session/guest', '{"name":"Ana","admin":true}'), 400, 'BAD_INPUT'],
    [
      'a prototype in the body',
      () => post('/api/session/guest', '{"name":"Ana","__proto__":{"admin":true}}'),
      400,
      'BAD_INPUT',
    ],
    ['a list as a body', () => post('/api/session/guest', '[1]'), 400, 'BAD_INPUT'],
    ['a number as a body', () => post('/api/session/guest', '7'), 400, 'BAD_INPUT'],
    [
      'an oversized body',
      () => post('/api/session/guest', `{"name":"${'x'.repeat(limits.messageBytesMax)}"}`),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'a form',
      () => post('/api/session/guest', 'name=Ana', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'JSON that does not say so',
      () => post('/api/session/guest', '{"name":"Ana"}', {}),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'JSON in a charset nobody uses',
      () => post('/api/session/guest', '{"name":"Ana"}', { 'content-type': 'application/json; charset=martian' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a body packed in an unknown way',
      () => post('/api/session/guest', 'x', { 'content-type': 'application/json', 'content-encoding': 'zip' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['an unknown route', () => post('/api/nowhere', '{}'), 404, 'UNKNOWN_ROUTE'],
    [
      'a method that a known address does not know',
      () => fetch(`${app.url}/api/session`, { method: 'DELETE' }),
      405,
      'METHOD_NOT_ALLOWED',
    ],
    ['an unknown page file', () => fetch(`${app.url}/nothing.php`), 404, 'UNKNOWN_ROUTE'],
    ['no session', () => fetch(`${app.url}/api/session`), 401, 'UNAUTHENTICATED'],
    [
      'a forged token',
      () => fetch(`${app.url}/api/session`, { headers: { authorization: 'Bearer a.b.c' } }),
      401,
      'UNAUTHENTICATED',
    ],
  ])('%s over HTTP', async (_what, request, status, code) => {
    const response = await request();
    const text = await response.text();

    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code, retryable: false } });
    expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
  });

  test('a request without a body needs no type of one', async () => {
    const { accessToken } = await guest(app);

    // fetch sends `Content-Length: 0` and no type.
    const answer = await fetch(`${app.url}/api/session/sign-out`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
    });

    expect(answer.status).toBe(200);
  });

  test('what is wrong with an input is said in words for people', async () => {
    const { body } = await call(app, 'POST', '/api/session/register', {
      body: { name: 7, email: 'x', password: 'short', role: 'operator' },
    });

    expect(body.error).toMatchObject({
      code: 'BAD_INPUT',
      message:
        'name: must be a text; email: must be an e-mail address; password: must have at least 10 characters; has unknown fields: role',
    });
  });

  test('something that names a person who does not exist is not found', async () => {
    const token = (await account(app)).accessToken;
    const room = (await call(app, 'POST', '/api/rooms', { token, body: { title: 'Show' } })).body.data;
    const body = { personId: newId(), kind: 'ban' };

    const answer = await call(app, 'POST', `/api/rooms/${room.roomId}/sanctions`, { token, body });

    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  test('what is open to anyone has a limit of its own for each network; bearers that are no sessions do not slow down commands', async () => {
    const standing = Date.now();
    const still = await startTestApp(await freshStores(), { nowMs: () => standing });
    const headers = { authorization: 'Bearer sk_of-a-stream' };
    const ask = async () => (await fetch(`${still.url}/api/giveaways/not-an-id/proof`, { headers })).text();
    const codes: string[] = [];
    for (let batch = 0; batch < 26; batch++) {
      const answers = await Promise.all(Array.from({ length: 40 }, ask));
      codes.push(...answers.map((text) => JSON.parse(text).error.code));
    }

    expect(codes.filter((code) => code === 'NOT_FOUND')).toHaveLength(1_000);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(40);
    expect((await guest(still)).accessToken).toBeTruthy();
    await still.close();
  });

  test('a token that claims no algorithm is refused', async () => {
    const [, payload] = session.accessToken.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;

    expect((await call(app, 'GET', '/api/session', { token: unsigned })).body.error.code).toBe('UNAUTHENTICATED');
  });

  test('an unknown command, a bad input and a command without an acknowledgement are answered over the socket', async () => {
    const socket = await openSocket(app, session);
    const refused = new Promise<any>((resolve) => socket.once('command:refused', resolve));

    socket.emit('session:who', {});
    const unknown = await socket.emitWithAck('session:become-operator', {});
    const bad = await send(socket, 'session:rename', { name: '' });

    expect((await refused).error.code).toBe('ACK_MISSING');
    expect(unknown.error.code).toBe('UNKNOWN_COMMAND');
    expect(bad).toMatchObject({ ok: false, error: { code: 'BAD_INPUT', fields: [{ path: 'name' }] } });
    socket.close();
  });

  test('a raw packet that names no command is refused like one without an acknowledgement', async () => {
    const socket = await openSocket(app, session);
    const refused = new Promise<any>((resolve) => socket.once('command:refused', resolve));

    (socket.io.engine as unknown as { write(packet: string): void }).write('21');

    expect(await refused).toMatchObject({ command: '', error: { code: 'ACK_MISSING' } });
    socket.close();
  });

  test.each([
    ['no token', { protocol: 1 }, 'UNAUTHENTICATED'],
    ['a token that is not text', { token: { $ne: null }, protocol: 1 }, 'UNAUTHENTICATED'],
    ['an older protocol', { token: 'x', protocol: 0 }, 'UPGRADE_REQUIRED', 'older'],
    ['a newer protocol', { token: 'x', protocol: 99 }, 'UPGRADE_REQUIRED', 'newer'],
    ['a protocol that is no number', { token: 'x', protocol: '1' }, 'BAD_INPUT', 'number'],
  ])('a socket with %s is told why it may not connect', async (_what, auth, code, word = '') => {
    const socket = io(app.url, { transports: ['websocket'], auth, reconnection: false });
    const refusal = await new Promise<any>((resolve) => socket.once('connect_error', resolve));

    expect(refusal.data.code).toBe(code);
    expect(refusal.data.message).toContain(word);
    socket.close();
  });

  test('bytes in place of an input are refused in words, whatever they inherit', async () => {
    const socket = await openSocket(app, session);

    const [whole, field] = await Promise.all([
      socket.emitWithAck('session:rename', Buffer.from('Ana')),
      socket.emitWithAck('session:rename', { name: Buffer.from('Ana') }),
    ]);

    expect(whole.error).toMatchObject({ code: 'BAD_INPUT', message: expect.not.stringMatching(/\b0\b|read|write/) });
    expect(field.error).toMatchObject({ code: 'BAD_INPUT', message: 'name: must be a text' });
    socket.close();
  });

  test('a page of another origin can neither open a socket nor read an answer', async () => {
    const origin = 'https://evil.example.test';
    const socket = io(app.url, {
      transports: ['websocket'],
      auth: { token: session.accessToken },
      extraHeaders: { origin },
      reconnection: false,
    });
    const refusal = await new Promise<any>((resolve) => socket.once('connect_error', resolve));
    const answer = await fetch(`${app.url}/api/session`, { headers: { origin } });
    await answer.text();
    const ours = await fetch(`${app.url}/api/session`, { headers: { origin: app.url } });
    await ours.text();

    expect(refusal.description?.message).toContain('response: 403');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(ours.headers.get('access-control-allow-origin')).toBe(app.url);
    socket.close();
  });

  test('a page may open a socket at whatever address it came from itself', async () => {
    const host = 'night-market.lan:8080';
    const address = `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const knock = (origin: string) => {
      const socket = new WebSocket(address, { headers: { origin, host } });
      return new Promise<string>((resolve) => {
        socket.on('error', (error) => resolve(error.message));
        socket.once('message', () => {
          resolve('opened');
          socket.terminate();
        });
      });
    };

    expect(await knock(`http://${host}`)).toBe('opened');
    expect(await knock('http://night-market.lan:9090')).toContain('response: 403');
  });

  test('pages may run scripts and open connections of this server only', async () => {
    const { headers } = await call(app, 'GET', '/healthz');

    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toMatch(/connect-src 'self'(;|$)/);
    expect(policy).toContain("script-src 'self';");
  });

  test.each([
    ['not Socket.IO at all', 'hello'],
    ['an event with a number as its name', '42[7,{}]'],
    ['a name of the protocol itself', '42["connect",{}]'],
    ['a prototype as a name', '421["__proto__",{}]'],
    ['a binary packet with a lie about its attachments', '4599-["session:who",{"_placeholder":true,"num":98}]'],
    ['an acknowledgement nobody waits for', '43999[{}]'],
    ['a list five thousand deep', `420["session:rename",${'['.repeat(5_000)}${']'.repeat(5_000)}]`],
    ['broken JSON', '42["session:who",'],
  ])('%s does not disturb anybody else', async (_what, packet) => {
    const bystander = await openSocket(app, session);
    await rawSocket(app, session, packet);

    expect(await send(bystander, 'session:who', {})).toMatchObject({ ok: true });
    bystander.close();
  });

  test('a connection that asks for two sockets at once is ended, and disturbs nobody', async () => {
    const bystander = await openSocket(app, session);
    const connection = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const ended = once(connection, 'close');
    connection.on('message', (data: Buffer) => {
      if (!data.toString().startsWith('0')) return;
      const { _socket: tcp } = connection as unknown as { _socket: Socket };
      tcp.cork(); // Both in one packet: the server reads them in one turn.
      for (let i = 0; i < 2; i++) connection.send(`40${JSON.stringify({ token: session.accessToken })}`);
      tcp.uncork();
    });

    await ended;
    expect(await send(bystander, 'session:who', {})).toMatchObject({ ok: true });
    bystander.close();
  });

  test('links that are asked for over a socket name the address that it called', async () => {
    const url = app.url.replace('127.0.0.1', 'localhost');
    const host = await account(app);
    const socket = await openSocket({ url }, host);
    const made = await send(socket, 'room:create', { title: 'Tea' });
    const { roomId } = made.ok ? made.data : { roomId: '' };

    const key = await send(socket, 'media:make-stream-key', { roomId });

    expect(key).toMatchObject({ data: { whipUrl: `${url}/whip/${roomId}` } });
    socket.close();
  });

  test.each([
    ['what is no HTTP', 'EHLO shop.example\r\n\r\n', 400, 'BAD_INPUT'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['a request for no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'BAD_INPUT'],
    [
      'Socket.IO without an upgrade',
      'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n',
      400,
      'BAD_INPUT',
    ],
    ['an expectation nobody knows', 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 400, 'BAD_INPUT'],
    [
      'an upgrade where there is no socket',
      'GET /api/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n',
      404,
      'UNKNOWN_ROUTE',
    ],
    ['a wish for a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 400, 'BAD_INPUT'],
    ['an upgrade to polling', upgrade({ transport: 'polling' }), 400, 'BAD_INPUT'],
    ['an upgrade of the third protocol', upgrade({ protocol: 3 }), 400, 'BAD_INPUT'],
    ['an upgrade of a transport nobody has', upgrade({ more: '&sid=x' }), 400, 'BAD_INPUT'],
    ['an upgrade by another method', upgrade({ method: 'POST' }), 400, 'BAD_INPUT'],
    ['an upgrade that no connection is for', upgrade({ without: 'Connection' }), 400, 'BAD_INPUT'],
    ['an upgrade without a key', upgrade({ without: 'Sec-WebSocket-Key' }), 400, 'BAD_INPUT'],
    ['an upgrade without a version', upgrade({ without: 'Sec-WebSocket-Version' }), 400, 'BAD_INPUT'],
    ['a foreign page', upgrade({ origin: 'https://evil.example.test' }), 403, 'ORIGIN_REFUSED'],
  ])('%s is answered like everything else', async (_what, bytes, status, code) => {
    const answer = await sendBytes(app, bytes);

    expect(answer).toMatchObject({ status, body: { ok: false, error: { code, message: expect.any(String) } } });
  });

  test('who sends hundreds of commands at once is answered in turn with others, and not before them', async () => {
    const attacker = createAttacker(app.url);
    const flooding = await attacker.socket((await guest(app)).accessToken);
    const other = await openSocket(app, session);
    let answered = 0;
    flooding.on('data', (bytes: Buffer) => (answered += bytes.toString('latin1').split('431[').length - 1));

    flooding.write(Buffer.concat(Array.from({ length: 300 }, () => commandFrame('session:who', {}))));
    const answer: unknown = await other.emitWithAck('session:who', {});
    const before = answered;

    expect(answer).toMatchObject({ ok: true });
    expect(before).toBeLessThan(150);
    await eventually(() => answered === 300); // Refusals among them.
    other.close();
    await attacker.callOff();
  });

  test('half an HTTP request does not hold anything up', async () => {
    const slow = connect(Number(new URL(app.url).port), '127.0.0.1');
    slow.write('POST /api/session/guest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');

    expect((await call(app, 'GET', '/healthz')).status).toBe(200);
    slow.destroy();
  });

  test('a caller who floods is slowed down and told for how long; others are not', async () => {
    const [flooder, other] = await Promise.all([openSocket(app, await guest(app)), openSocket(app, session)]);
    const replies = await Promise.all(Array.from({ length: 400 }, () => send(flooder, 'session:who', {})));

    const limited = replies.filter((reply) => !reply.ok);
    expect(limited.length).toBeGreaterThan(100);
    expect(limited[0]).toMatchObject({
      error: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: expect.any(Number) },
    });
    expect(await send(other, 'session:who', {})).toMatchObject({ ok: true });
    flooder.close();
    other.close();
  });

  test('who goes on flooding is let go, also with what is no command; others are not', async () => {
    const [flooder, babbler, other] = await Promise.all([
      openSocket(app, await guest(app)),
      openSocket(app, await guest(app)),
      openSocket(app, session),
    ]);
    const told = new Promise((resolve) => flooder.once('session:ended', resolve));
    const cut = new Promise((resolve) => babbler.once('disconnect', resolve));

    for (let sent = 0; sent < 2_000; sent++) flooder.emit('session:who', {}, () => undefined);
    // Acknowledgements of what nobody asked.
    for (let sent = 0; sent < 20_000; sent++) babbler.io.engine.write('3999[]');

    expect(await told).toEqual({ code: 'FLOODING' });
    await cut;
    expect(await send(other, 'session:who', {})).toMatchObject({ ok: true });
    for (const socket of [flooder, babbler, other]) socket.close();
  });
});

type Upgrade = {
  method?: string;
  transport?: string;
  protocol?: number;
  more?: string;
  origin?: string;
  without?: string;
};

/** The bytes of an upgrade, right but for what is named. */
function upgrade({
  method = 'GET',
  transport = 'websocket',
  protocol = 4,
  more = '',
  origin,
  without,
}: Upgrade): string {
  const headers = {
    Host: 'x',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...(origin && { Origin: origin }),
  };
  const lines = Object.entries(headers).filter(([name]) => name !== without);
  const head = `${method} /socket.io/?EIO=${protocol}&transport=${transport}${more} HTTP/1.1`;
  return `${[head, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}

/** Writes to the port as it is, and reads until the server closes. */
async function sendBytes(app: App, bytes: string): Promise<{ status: number; body: unknown }> {
  const connection = connect(Number(new URL(app.url).port), '127.0.0.1');
  connection.write(bytes);
  const [head = '', body = ''] = (await text(connection)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) };
}

/** Speaks the framing by hand, sends one packet, and waits until the server has either closed or answered a ping. */
async function rawSocket(app: App, { accessToken }: Session, packet: string): Promise<void> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token: accessToken })}`);
      if (text.startsWith('40'))
        [packet, '42["session:who",{}]', '428["session:who",{}]'].forEach((each) => socket.send(each));
      if (text.startsWith('438') || text.startsWith('41')) resolve();
    });
  });
  socket.terminate();
}

test('an upgrade in a process that is no gateway is a request for nothing', async () => {
  const worker = await startTestApp(await freshStores(), { settings: { NIGHTMARKET_ROLES: 'worker' } });

  const answer = await sendBytes(worker, upgrade({}).replace('Connection: Upgrade', 'Connection: close, Upgrade'));

  expect(answer).toMatchObject({ status: 404, body: { ok: false, error: { code: 'UNKNOWN_ROUTE' } } });
  await worker.close();
});

test('a command that arrives while the server stops is refused, not run and left without an answer', async () => {
  const app = await startTestApp(await freshStores());
  const session = await guest(app);
  const sockets: Awaited<ReturnType<typeof openSocket>>[] = [];
  while (sockets.length < 20) sockets.push(await openSocket(app, session)); // They are told one after another.
  const last = sockets.at(-1)!;
  const ended = new Promise((resolve) => last.once('session:ended', resolve));

  const closed = app.close();

  expect(await send(last, 'session:who', {})).toMatchObject({
    ok: false,
    error: { code: 'DRAINING', retryable: true },
  });
  expect(await ended).toEqual({ code: 'DRAINING' });
  await closed;
  sockets.forEach((socket) => socket.close());
});

test('one address can not take all sockets, and gets its place back when one closes', async () => {
  const app = await startTestApp(await freshStores(), { settings: { NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX: '2' } });
  const session = await guest(app);
  const [first, second] = [await openSocket(app, session), await openSocket(app, session)];

  await expect(openSocket(app, session)).rejects.toThrow();
  first.close();
  const third = await eventually(() => openSocket(app, session));

  expect(third.connected).toBe(true);
  second.close();
  third.close();
  await app.close();
});

test('one address makes as many connections at once as it may hold, and then so many in a second', async () => {
  let nowMs = Date.now();
  const app = await startTestApp(await freshStores(), {
    settings: { NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX: '50' },
    nowMs: () => nowMs,
  });
  for (let made = 0; made < 100; made += 1) {
    const socket = await upgraded(app);
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  await expect(upgraded(app)).rejects.toThrow('response: 429');
  nowMs += 1_000;

  const later = await eventually(() => upgraded(app));
  later.terminate();
  await app.close();
});

test('sockets that never sign in take places of their address too', async () => {
  const app = await startTestApp(await freshStores(), { settings: { NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX: '2' } });
  const silent = await Promise.all([1, 2].map(() => upgraded(app)));

  await expect(upgraded(app)).rejects.toThrow('response: 429');

  silent.forEach((socket) => socket.terminate());
  await app.close();
});

/** A WebSocket that engine.io has accepted, and on which nobody says who they are. */
function upgraded(app: App): Promise<WebSocket> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('message', () => resolve(socket));
  });
}
