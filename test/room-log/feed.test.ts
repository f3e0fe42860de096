import { beforeEach, describe, expect, test } from 'vitest';
import { createFeed, type Encoded, type Feed, type Frame } from '../../server/features/room-log/feed.ts';
import type { LineLane, LogEntry } from '../../server/features/room-log/log-line.ts';
import type { RoomFrame } from '../../shared/protocol/room.ts';

const roomId = '01890000-0000-7000-8000-000000000000';
const entry = (offset: number, more: Partial<LogEntry> = {}): LogEntry => ({
  offset,
  lane: 'chat',
  thinned: false,
  unheard: false,
  atMs: 0,
  senderId: 'ana',
  entryId: `m${offset}`,
  redacts: [],
  kind: 'chat:message',
  body: `{"n":${offset}}`,
  ...more,
});

/** A clock that the test winds on; what is due runs in order. */
function windableClock(windowMs: number) {
  let elapsedMs = 0;
  let waiting: { dueAtMs: number; run: () => void }[] = [];
  return {
    nowMs: () => 1_000_000 + elapsedMs,
    elapsedMs: () => elapsedMs,
    windowMs: () => windowMs,
    after(ms: number, run: () => void) {
      const due = { dueAtMs: elapsedMs + ms, run };
      waiting.push(due);
      return () => void (waiting = waiting.filter((other) => other !== due));
    },
    wind(ms: number): void {
      elapsedMs += ms;
      const due = waiting.filter(({ dueAtMs }) => dueAtMs <= elapsedMs);
      waiting = waiting.filter(({ dueAtMs }) => dueAtMs > elapsedMs);
      for (const { run } of due) run();
    },
  };
}

describe('the feed of a room', () => {
  let clock: ReturnType<typeof windableClock>;
  let feed: Feed;
  let frames: RoomFrame[];

  beforeEach(() => {
    clock = windableClock(50);
    const encode = (json: string): Encoded => ({ text: json, frame: Buffer.from(json) });
    feed = createFeed({
      roomId,
      end: { epoch: 'e', offset: 10, before: [{ epoch: 'd', offset: 8 }] },
      recent: [entry(9), entry(10)],
      aggregates: {},
      encode,
      counts: { frame: () => undefined },
      clock,
      rejoinSpreadMs: () => 2_500,
    });
    frames = [];
    feed.members.add({
      take(frame: Frame) {
        frames.push(JSON.parse(frame.whole().text) as RoomFrame);
        return true;
      },
    });
  });

  const offsets = (frame: RoomFrame | undefined) => frame?.entries.map(({ offset }) => offset);

  test('sends the first message at once, and what follows within the window as one frame', () => {
    feed.receive([entry(11)]);
    feed.receive([entry(12)]);
    feed.receive([entry(13)]);
    expect(frames).toHaveLength(1);

    clock.wind(50);

    expect(frames.map(({ from, to }) => [from, to])).toEqual([
      [10, 11],
      [11, 13],
    ]);
    expect(offsets(frames[1])).toEqual([12, 13]);
  });

  test.each<[LineLane, boolean]>([
    ['commerce', true],
    ['host', true],
    ['viewers', false],
    ['chat', false],
    ['ambient', false],
  ])('an entry of lane %s within the window leaves within 10 ms: %s', (lane, urgent) => {
    feed.receive([entry(11)]);
    feed.receive([entry(12, { lane })]);

    clock.wind(10);

    expect(frames).toHaveLength(urgent ? 2 : 1);
  });

  test('leaves out what was thinned or taken back, and says how many', () => {
    feed.receive([entry(11)]);
    feed.receive([entry(12), entry(13, { thinned: true }), entry(14, { lane: 'host', redacts: ['m12'] }), entry(15)]);
    clock.wind(50);

    expect(offsets(frames[1])).toEqual([14, 15]);
    expect(frames[1]).toMatchObject({ from: 11, to: 15, omitted: 2 });
  });

  test('tells its sender alone of what nobody is to hear, and keeps a place for it among the last for nobody else', () => {
    const unheard = { thinned: true, unheard: true, senderId: 'bo' };
    const own: RoomFrame[] = [];
    feed.members.add({
      take(frame: Frame) {
        const theirs = frame.as('bo');
        own.push(JSON.parse(theirs.whole().text) as RoomFrame);
        expect(theirs.whole()).toBe(frame.as('bo').whole());
        expect(frame.as('ana')).toBe(frame);
        return true;
      },
    });
    feed.receive([entry(11)]);
    feed.receive([entry(12, unheard), entry(13, { thinned: true }), entry(14, unheard)]);
    clock.wind(50);
    feed.receive([entry(15, unheard)]);
    clock.wind(50);

    expect(frames.slice(1)).toMatchObject([
      { from: 11, to: 14, entries: [], omitted: 1 },
      { from: 14, to: 15, entries: [] },
    ]);
    expect(frames[2]).not.toHaveProperty('omitted');
    expect(feed.lastSent(2).map(({ offset }) => offset)).toEqual([11, 13]);
    expect(own.map((frame) => [frame.from, frame.to, offsets(frame), frame.omitted])).toEqual([
      [10, 11, [11], undefined],
      [11, 14, [12, 14], 1],
      [14, 15, [15], undefined],
    ]);
    expect(feed.lastSent(2, 'bo').map(({ offset }) => offset)).toEqual([14, 15]);
  });

  test('brings all that came within a window, also when it is more than is remembered', () => {
    feed.receive([entry(11)]);
    feed.receive(Array.from({ length: 1_500 }, (_, i) => entry(12 + i)));
    clock.wind(50);

    expect(offsets(frames[1])).toEqual(Array.from({ length: 1_500 }, (_, i) => 12 + i));
    expect(frames[1]).not.toHaveProperty('omitted');
  });

  test('what a banned person said before is taken back, not what others said', () => {
    const ban = entry(13, { lane: 'host', senderId: '', redacts: ['sender:ana'] });
    feed.receive([entry(11)]);
    feed.receive([entry(12), entry(13, { senderId: 'bo' }), { ...ban, offset: 14 }]);
    clock.wind(50);

    expect(offsets(frames[1])).toEqual([13, 14]);
  });

  test('entries received twice are sent once', () => {
    feed.receive([entry(11), entry(12)]);
    feed.receive([entry(11), entry(12), entry(13)]);
    clock.wind(50);

    expect(frames.flatMap(offsets)).toEqual([11, 12, 13]);
  });

  test('aggregates travel with frames, the newest value only: what is left twice a second at the most, counts once', () => {
    for (let n = 1; n <= 40; n += 1) {
      feed.setAggregates({ likes: n, 'left:tea': 100 - n });
      clock.wind(50);
    }

    const told = (name: string) => frames.flatMap(({ aggregates }) => aggregates?.[name] ?? []);
    // After 0, 0.5, 1 and 1.5 s and 2 s.
    expect(told('left:tea')).toEqual([99, 90, 80, 70, 60]);
    expect(told('likes')).toEqual([1, 20, 40]);
    expect(frames).toHaveLength(5);
  });

  test('likes that come all the time do not hold up how many watch', () => {
    feed.setAggregates({ likes: 1 });
    clock.wind(300);
    feed.setAggregates({ likes: 2, viewers: 40 });
    clock.wind(200);
    expect(frames.at(-1)?.aggregates).toEqual({ viewers: 40 });
    clock.wind(500);

    expect(frames.at(-1)?.aggregates).toEqual({ likes: 2 });
    expect(frames).toHaveLength(3);
  });

  test('an aggregate that was not due with the last entry leaves by itself', () => {
    feed.setAggregates({ likes: 1 });
    clock.wind(100);
    feed.setAggregates({ likes: 2 });
    feed.receive([entry(11)]);
    clock.wind(1_000);

    expect(frames.map(({ to, aggregates }) => [to, aggregates])).toEqual([
      [10, { likes: 1 }],
      [11, undefined],
      [11, { likes: 2 }],
    ]);
  });

  test('a reader that the last frame left behind is offered what it lacks, once it takes it and while it is there', () => {
    const taken: string[] = [];
    let keepsUp = false;
    const slow = {
      take(frame: Frame) {
        if (keepsUp) taken.push(frame.since(10, 'all').text);
        return keepsUp;
      },
    };
    feed.members.add(slow);
    feed.setAggregates({ likes: 7 });
    feed.receive([entry(11)]);
    clock.wind(500);

    feed.remind();
    keepsUp = true;
    feed.remind();
    feed.remind();

    expect(taken.map((text) => JSON.parse(text) as RoomFrame)).toMatchObject([
      { from: 10, to: 11, entries: [], omitted: 1, aggregates: { likes: 7 } },
    ]);
    expect(frames.map(({ to }) => to)).toEqual([10, 11]);
  });

  test('a frame for somebody who stands within it has what comes after them, and counts nothing else as omitted', () => {
    let theirs = '';
    feed.members.add({
      take(frame: Frame) {
        theirs = frame.since(12, 'entries').text;
        return true;
      },
    });

    feed.receive([entry(11), entry(12), entry(13, { thinned: true }), entry(14)]);

    const frame = JSON.parse(theirs) as RoomFrame;
    expect(frame).toMatchObject({ from: 12, to: 14, omitted: 1 });
    expect(offsets(frame)).toEqual([14]);
  });

  test('nobody is sent back to before where they stood, and nobody ahead of the log', () => {
    feed.receive([entry(11)]);
    feed.receive([entry(12)]);

    expect(feed.sent).toEqual({ epoch: 'e', offset: 11 });
    expect(feed.placeOf({ epoch: 'e', offset: 9 })).toEqual({ epoch: 'e', offset: 11 });
    expect(feed.placeOf({ epoch: 'e', offset: 12 })).toEqual({ epoch: 'e', offset: 12 });
    expect(feed.placeOf({ epoch: 'e', offset: 13 })).toEqual({ epoch: 'e', offset: 11 });
    expect(feed.placeOf({ epoch: 'x', offset: 1e15 })).toEqual({ epoch: 'e', offset: 11 });
  });

  test('who comes back gets what is missing; from an earlier life of the log, whose end may have told what is gone, they begin anew', () => {
    feed.receive([entry(11)]);

    expect((feed.since({ epoch: 'e', offset: 9 }) as LogEntry[]).map(({ offset }) => offset)).toEqual([10, 11]);
    expect(feed.since({ epoch: 'd', offset: 8 })).toBe(false);
    expect(feed.since({ epoch: 'e', offset: 11 })).toEqual([]);
    expect(feed.since({ epoch: 'e', offset: 3 })).toBeNull();
    expect(feed.since({ epoch: 'd', offset: 9 })).toBe(false);
    expect(feed.since({ epoch: 'x', offset: 9 })).toBe(false);
  });

  test('another life of the log shows in a frame at once, so that nobody waits for the next message', () => {
    feed.restart({ epoch: 'f', offset: 2, before: [] }, [entry(1), entry(2)]);

    expect(frames).toMatchObject([{ epoch: 'f', from: 2, to: 2, entries: [], spreadMs: 2_500 }]);
  });

  test('too much to send in the same life of the log shows as a gap, not as omitted', () => {
    feed.receive([entry(11)]);
    feed.receive([entry(12)]);
    frames.length = 0;
    feed.restart({ epoch: 'e', offset: 3_000, before: [] }, [entry(3_000)]);
    clock.wind(50);

    expect(frames).toMatchObject([{ epoch: 'e', from: 3_000, to: 3_000, entries: [] }]);
    expect(frames[0]).not.toHaveProperty('omitted');
  });
});
