import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRightsWatch } from '../../server/features/stream/rights-watch.ts';
import { createHttpSfu } from '../../server/features/stream/sfu.http.ts';
import { AppError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { eventually } from '../support/eventually.ts';

// A media server that answers when it is told to, and what a gateway asks of it meanwhile.

const held: { verb: string; answer: () => void }[] = [];
const outputs: Record<string, unknown> = {
  end: { ended: true },
  endAll: { ended: 1 },
  publishers: { publishers: [] },
  restartIce: { iceParameters: { usernameFragment: '', password: '' } },
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
  const bounds = {
    ofAll: { atOnce: 3, waitingMax: 4, retryAfterMs: 700, heldMsMax: 10_000 },
    ofKey: { atOnce: 2, waitingMax: 3, retryAfterMs: 700 },
  };
  link = createHttpSfu({ url, token: 'any', log: pino({ level: 'silent' }), bounds });
});
afterEach(() => {
  link.close();
  server.closeAllConnections();
  server.close();
});

const asked = (verb: string) => held.filter((each) => each.verb === verb);
const answerAll = (): void => held.splice(0).forEach(({ answer }) => answer());

async function answeredToEnd(calls: Promise<unknown>[]): Promise<void> {
  let isDone = false;
  void Promise.allSettled(calls).then(() => (isDone = true));
  await eventually(() => (answerAll(), isDone));
}

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

test('a room whose worker answers nothing holds its own turns alone, and its crowd keeps nobody else out', async () => {
  const [hung, sound] = [newId(), newId()];
  const crowd = [1, 2, 3, 4, 5].map(() => link.publishers({ roomId: hung }));
  await eventually(() => asked('publishers').length === 2);

  const others = [1, 2].map(() => link.restartIce({ roomId: sound, sessionId: newId() }));
  await expect(link.publishers({ roomId: sound })).rejects.toMatchObject({ code: 'RETRY' }); // As many as may wait in all.
  await eventually(() => asked('restartIce').length === 1);
  asked('restartIce')[0]!.answer();
  await others[0];
  await eventually(() => asked('restartIce').length === 2);
  asked('restartIce')[1]!.answer();
  await others[1];
  expect(asked('publishers')).toHaveLength(2);

  await answeredToEnd(crowd);
});

test('who may not watch or publish any more is put out in the middle of a crowd, also beside one whose end fails', async () => {
  const crowd = [1, 2, 3, 4, 5].map(() => link.publishers({ roomId: newId() }));
  await eventually(() => asked('publishers').length === 3);
  const roomId = newId();
  const [failing, banned, fan] = [newId(), newId(), newId()];
  const session = (ownerId: string) => ({ roomId, sessionId: newId(), ownerId });
  const owners = [failing, banned, banned, ...Array.from({ length: 1_997 }, () => fan)];
  const watching = owners.map((ownerId, i) => ({ ...session(ownerId), number: i + 1 }));
  const publishing = [{ ...session(fan), keyId: 'old', flowing: true, tookOver: false }];
  const lookedAfter: number[] = [];
  const ended = new Set<string>();
  const forbidden = async (_roomId: string, personId: string): Promise<void> => {
    if (personId !== fan) throw new AppError('FORBIDDEN');
  };
  const look = createRightsWatch({
    sfu: {
      rooms: async () => ({ rooms: [{ roomId, publishers: [], publishing }] }),
      watching: async ({ after }) => (lookedAfter.push(after), { sessions: watching }),
      async endAll(input) {
        if (input.ownerId === failing) throw new AppError('UNAVAILABLE');
        ended.add([input.reason, input.ownerId ?? input.keyId, input.direction].join(' '));
        return link.endAll(input);
      },
      mute: link.mute,
    },
    way: { isThere: () => true },
    access: { open: async () => ({}) as never, toPublish: forbidden, toWatch: forbidden },
    streamKeys: { revokedAmong: async (keyIds) => [...keyIds] },
    mutedPublishers: { in: async () => [], of: async () => ({ kinds: [], version: 1 }) },
  });

  for (let looks = 1; looks <= 3; looks++) {
    const looked = look().catch((error: unknown) => error);
    await eventually(() => asked('endAll').length === 2);
    for (const { answer } of asked('endAll')) answer();
    expect(await looked).toMatchObject({ code: 'UNAVAILABLE' });
    held.splice(0, held.length, ...asked('publishers'));
  }
  expect(ended).toEqual(new Set([`not-allowed ${banned} watch`, 'key-revoked old ']));
  // Those who could not be ended are tried once more at once, and then when their turn comes again.
  expect(lookedAfter).toEqual([0, 0, watching.length]);

  await answeredToEnd(crowd);
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

  await answeredToEnd([...crowd, ...all]);
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
