import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogReader } from '../../shared/client/log-reader.ts';
import type { Request } from '../../shared/client/requests.ts';
import { createRoomSession } from '../../shared/client/room.ts';
import { createServerClock } from '../../shared/client/server-clock.ts';
import type { RoomEntry, RoomFrame } from '../../shared/protocol/room.ts';

const roomId = '01890000-0000-7000-8000-000000000000';
const entry = (offset: number): RoomEntry => ({ offset, atMs: 0, kind: 'chat:message', body: {} });
const stretch = (from: number, to: number): RoomEntry[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => entry(from + 1 + i));
const frame = (from: number, to: number, epoch = 'e'): RoomFrame => ({
  roomId,
  epoch,
  from,
  to,
  atMs: 0,
  entries: stretch(from, to),
});

test('a frame that follows is taken, one that was seen is known, one after a hole shows the gap', () => {
  const reader = createLogReader();
  reader.begin({ epoch: 'e', offset: 10 }, false, []);

  expect(reader.take(frame(10, 12))).toMatchObject({ outcome: 'taken', omitted: 0 });
  expect(reader.take(frame(10, 12))).toEqual({ outcome: 'known' });
  expect(reader.take(frame(13, 14))).toEqual({ outcome: 'gap' });
  expect(reader.position()).toEqual({ epoch: 'e', offset: 12 });
});

test('a frame of another epoch is a gap, whatever its offsets', () => {
  const reader = createLogReader();
  reader.begin({ epoch: 'e', offset: 10 }, false, []);

  expect(reader.take(frame(10, 12, 'f'))).toEqual({ outcome: 'gap' });
});

test('a frame that overlaps gives only what is new, and counts only that as omitted', () => {
  const reader = createLogReader();
  reader.begin({ epoch: 'e', offset: 10 }, false, []);

  const taken = reader.take({ ...frame(8, 14), entries: [entry(9), entry(12), entry(14)], omitted: 4 });

  expect(taken).toEqual({ outcome: 'taken', entries: [entry(12), entry(14)], omitted: 2 });
});

test('whatever frames arrive, lost, twice or out of order: every offset once, in order, or a gap is shown', () => {
  const frames = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 0, max: 6 })), { maxLength: 40 });
  fc.assert(
    fc.property(frames, (arrived) => {
      const reader = createLogReader();
      const seen = reader.begin({ epoch: 'e', offset: 0 }, false, []);
      for (const [from, length] of arrived) {
        const taken = reader.take(frame(from, from + length));
        if (taken.outcome === 'taken') seen.push(...taken.entries);
        // What the room session does about a gap: it joins again and gets what is missing.
        else if (taken.outcome === 'gap') {
          const { offset } = reader.position()!;
          seen.push(...reader.begin({ epoch: 'e', offset: from + length }, true, stretch(offset - 1, from + length)));
        }
      }
      expect(seen).toEqual(stretch(0, reader.position()!.offset));
    }),
  );
});

test('of the entries that come with a state those are to be applied to it that it may not have', async () => {
  const entries = stretch(2, 6);
  const joined = { position: { epoch: 'e', offset: 6 }, recovered: false, entries, omitted: 0, aggregates: {} };
  const snapshot = { room: {}, parts: {}, asOf: 4 };
  const request = (async () => ({ ...joined, snapshot, serverNowMs: 0 })) as unknown as Request;
  const time = { nowMs: () => 0, random: () => 0, after: () => () => undefined };
  const room = createRoomSession({
    roomId,
    request,
    clock: createServerClock(time.nowMs),
    time,
    onLeft: () => undefined,
  });
  const told = new Promise<{ entries: unknown; changes: unknown }>((resolve) => room.on('snapshot', resolve));

  room.join();

  expect(await told).toMatchObject({ entries, changes: entries.slice(2) });
});

test('a frame that sends everybody back is answered at a random moment of the time it names, another gap at once', async () => {
  const waitsMs: number[] = [];
  const time = { nowMs: () => 0, random: () => 0.5, after: (ms: number) => (waitsMs.push(ms), () => undefined) };
  const joined = { position: { epoch: 'e', offset: 4 }, recovered: false, entries: [], omitted: 0, aggregates: {} };
  const request = (async () => ({ ...joined, snapshot: null, serverNowMs: 0 })) as unknown as Request;
  const clock = createServerClock(time.nowMs);

  for (const cut of [{ ...frame(9, 9, 'f'), spreadMs: 5_000 }, frame(9, 10)]) {
    const room = createRoomSession({ roomId: cut.roomId, request, clock, time, onLeft: () => undefined });
    room.join();
    await new Promise(setImmediate);
    room.take(cut);
  }

  expect(waitsMs).toEqual([2_650, 150]);
});
