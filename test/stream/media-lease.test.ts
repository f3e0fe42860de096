import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MediaProcess } from '../../server/app/media-process.ts';
import { createHttpSfu } from '../../server/features/stream/sfu.http.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import { startMediaHost } from '../media/support/show.ts';
import { mediaToken } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

/** A clock that can be moved, and is looked at often. Who asks it are the looks, once a gateway asks no more. */
const lease = {
  atMs: 0,
  looks: 0,
  lookEveryMs: 50,
  nowMs: (): number => {
    lease.looks += 1;
    return lease.atMs;
  },
};
const minuteMs = 60_000;
let media: MediaProcess;
let gateway: ReturnType<typeof createHttpSfu>;

beforeAll(async () => {
  media = await startMediaHost({}, lease);
  const log = pino({ level: 'silent' });
  gateway = createHttpSfu({ url: media.url, token: mediaToken, log, holdEveryMs: 60 * minuteMs });
});
afterAll(async () => {
  gateway.close();
  await media.close();
});

test('media apart goes on while a gateway asks, and ends when none does', async () => {
  const events: MediaEvent[] = [];
  gateway.listen((event) => events.push(event));
  await eventually(() => events.some(({ type }) => type === 'reset'));
  const session = { roomId: newId(), sessionId: newId() };
  await gateway.open({ ...session, ownerId: newId(), direction: 'watch' });
  const ends = () => events.filter(({ type }) => type === 'closed');
  const looked = async (): Promise<void> => {
    const before = lease.looks;
    // What the first one ended would be told by now.
    await eventually(() => lease.looks >= before + 5);
  };

  lease.atMs = 4 * minuteMs;
  await gateway.status({});
  lease.atMs = 8 * minuteMs;
  await looked();
  expect(ends()).toEqual([]);

  lease.atMs = 9 * minuteMs;
  await eventually(() => ends().length > 0);
  expect(ends()).toMatchObject([{ ...session, reason: 'lost' }]);
});
