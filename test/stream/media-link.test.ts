import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpSfu } from '../../server/features/stream/sfu.http.ts';
import { newId } from '../../shared/ids.ts';
import { eventually } from '../support/eventually.ts';

// A media server that answers when it is told to, and what a gateway asks of it meanwhile.

const held: { verb: string; answer: () => void }[] = [];
const outputs: Record<string, unknown> = {
  end: { ended: true },
  endAll: { ended: 1 },
  publishers: { publishers: [] },
  status: { state: 'ready', progress: 1, message: '' },
};
let server: Server;
let link: ReturnType<typeof createHttpSfu>;

beforeEach(async () => {
  held.length = 0;
  server = createServer((request, response) => {
    const verb = request.url!.split('/').at(-1)!;
    if (verb.startsWith('events')) return response.writeHead(200).flushHeaders();
    held.push({ verb, answer: () => response.end(JSON.stringify({ ok: true, data: outputs[verb] })) });
  }).listen(0, '127.0.0.1');
  await eventually(() => server.listening);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bounds = { atOnce: 2, waitingMax: 3, retryAfterMs: 700 };
  link = createHttpSfu({ url, token: 'any', log: pino({ level: 'silent' }), bounds });
});
afterEach(() => {
  link.close();
  server.closeAllConnections();
  server.close();
});

const asked = (verb: string) => held.filter((each) => each.verb === verb);
const answerAll = (): void => held.splice(0).forEach(({ answer }) => answer());

test('a crowd waits for its turn, past a bound it is to ask again, and what the house asks stands behind nobody', async () => {
  const roomId = newId();
  const crowd = [1, 2, 3, 4, 5].map(() => link.publishers({ roomId }));
  await expect(link.publishers({ roomId })).rejects.toMatchObject({ code: 'RETRY', extras: { retryAfterMs: 700 } });
  await eventually(() => asked('publishers').length === 2);

  const ended = link.endAll({ roomId, reason: 'kicked' });
  const states = [link.status({}), link.status({}), link.status({})];
  await eventually(() => held.length === 4);
  expect([asked('endAll').length, asked('status').length, asked('publishers').length]).toEqual([1, 1, 2]);

  answerAll();
  expect(await ended).toEqual({ ended: 1 });
  expect(await Promise.all(states)).toMatchObject([{ state: 'ready' }, { state: 'ready' }, { state: 'ready' }]);
  await eventually(() => asked('publishers').length === 2);
  answerAll();
  await eventually(() => asked('publishers').length === 1);
  answerAll();
  expect(await Promise.all(crowd)).toHaveLength(5);
});

test('the host does not stand behind a crowd that comes back, nor is refused with it', async () => {
  const roomId = newId();
  const crowd = [1, 2, 3, 4, 5].map(() => link.publishers({ roomId }));
  await eventually(() => asked('publishers').length === 2);

  const host = { roomId, sessionId: newId() };
  const all = [
    link.capabilities({}),
    link.open({ ...host, ownerId: newId(), direction: 'publish' }),
    link.connect({ ...host, dtlsParameters: {} as never }),
    link.produce({ ...host, kind: 'video', rtpParameters: {} as never }),
    link.publish({ ...host, ownerId: newId(), keyId: newId(), offer: 'v=0' }),
  ];
  await eventually(() => held.length === 7);
  expect(asked('publishers')).toHaveLength(2);

  while (held.length > 0) {
    answerAll();
    await Promise.race([Promise.allSettled([...crowd, ...all]), eventually(() => held.length > 0)]);
  }
  await Promise.allSettled([...crowd, ...all]);
});

test('a call that found no answer gives its turn on', async () => {
  const session = { roomId: newId(), sessionId: newId(), reason: 'left' as const };
  const cut = [1, 2].map(() => link.end(session).catch((error: unknown) => error));
  await eventually(() => held.length === 2);
  held.length = 0;
  server.closeAllConnections();
  expect(await Promise.all(cut)).toMatchObject([{ code: 'UNAVAILABLE' }, { code: 'UNAVAILABLE' }]);

  const next = link.end(session);
  await eventually(() => asked('end').length === 1);
  answerAll();
  expect(await next).toEqual({ ended: true });
});
