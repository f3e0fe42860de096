import pino from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { MediaProcess } from '../../server/app/media-process.ts';
import { createHttpSfu } from '../../server/features/stream/sfu.http.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import { startMediaHost } from '../media/support/show.ts';
import { mediaToken } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const lease = vi.hoisted(() => ({ nowMs: 0, looks: 0 }));
// The real one, by a clock that can be moved; everything around it is as the server starts it.
vi.mock(import('../../media/lease.ts'), async (original) => {
  const { createLease } = await original();
  return {
    createLease(needs) {
      const real = createLease({ ...needs, nowMs: () => lease.nowMs });
      const look = async (): Promise<void> => {
        await real.look();
        lease.looks += 1;
      };
      return { ...real, look };
    },
  };
});

const minuteMs = 60_000;
let media: MediaProcess;
let gateway: ReturnType<typeof createHttpSfu>;

beforeAll(async () => {
  media = await startMediaHost();
  const log = pino({ level: 'silent' });
  gateway = createHttpSfu({ url: media.url, token: mediaToken, log, holdEveryMs: 60 * minuteMs });
});
afterAll(async () => {
  gateway.close();
  await media.close();
});

test('media apart goes on while a gateway asks, and ends when none does', { timeout: 90_000 }, async () => {
  const events: MediaEvent[] = [];
  gateway.listen((event) => events.push(event));
  await eventually(() => events.some(({ type }) => type === 'reset'));
  const session = { roomId: newId(), sessionId: newId() };
  await gateway.open({ ...session, ownerId: newId(), direction: 'watch' });
  const ends = () => events.filter(({ type }) => type === 'closed');
  const looked = async (): Promise<void> => {
    const before = lease.looks;
    // One that is under way may have begun before the clock was moved.
    await eventually(() => lease.looks >= before + 2, { deadlineMs: 30_000 });
  };

  lease.nowMs = 4 * minuteMs;
  await gateway.status({});
  lease.nowMs = 8 * minuteMs;
  await looked();
  expect(ends()).toEqual([]);

  lease.nowMs = 9 * minuteMs;
  await eventually(() => ends().length > 0, { deadlineMs: 30_000 });
  expect(ends()).toMatchObject([{ ...session, reason: 'lost' }]);
});
