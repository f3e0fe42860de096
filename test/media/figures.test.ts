import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { serveMediaFigures } from '../../media/figures.ts';
import { createSentFigures, someOf, viewersAskedMax } from '../../media/sent-figures.ts';
import type { Room } from '../../media/room/room.ts';
import type { Sfu } from '../../media/sfu.ts';

type Score = { score: number; producerScore: number };

const session = (...scores: Score[]) => ({
  direction: 'watch',
  consumers: new Map(scores.map((score, index) => [String(index), { score }])),
});

test('viewers who lose what is sent to them are counted by room: each once, and none for what the publisher lost', async () => {
  const good = { score: 10, producerScore: 10 };
  const lost = { score: 3, producerScore: 10 };
  const lostBefore = { score: 3, producerScore: 3 };
  const sessions = [session(good, lost), session(lost, lost), session(good, lostBefore), session()];
  const room = (roomId: string, own: typeof sessions) => ({
    roomId,
    sessions: () => new Map(own.map((one, index) => [String(index), one])),
    legs: () => 1,
    published: () => [],
  });
  const rooms = { all: () => [room('busy', sessions), room('calm', [session(good)])], halfOpen: () => 0 };
  const workers = { running: () => [], restarts: () => 0 };
  const registry = new Registry();
  serveMediaFigures(registry, { running: () => ({ rooms, workers }) } as unknown as Sfu);

  const figures = await registry.getSingleMetricAsString('nightmarket_media_losing');

  expect(figures).toContain('{room="busy"} 2');
  expect(figures).toContain('{room="calm"} 0');
});

test('of a full room some viewers are asked about, the same at each look, and the others count as they do', async () => {
  const viewers = 10 * viewersAskedMax;
  let asked = 0;
  let looks = 0;
  const consumer = () => ({
    kind: 'video',
    async getStats() {
      asked += 1;
      return [{ type: 'outbound-rtp', bitrate: 1_000, packetCount: looks * 50, timestamp: looks * 500 }];
    },
  });
  const sessions = Array.from({ length: viewers }, (_, i) => ({
    direction: 'watch',
    number: i + 1,
    consumers: new Map([['picture', consumer()]]),
  }));
  const room = { roomId: 'full', sessions: () => new Map(sessions.map((one) => [one.number, one])) };
  const look = createSentFigures();

  await look([room as unknown as Room]);
  looks = 1;
  const [sent] = await look([room as unknown as Room]);

  expect(sent).toEqual({
    roomId: 'full',
    kind: 'video',
    bitsPerSecond: expect.closeTo(viewers * 1_000),
    packetsPerSecond: expect.closeTo(viewers * 100),
  });
  expect(asked).toBeLessThanOrEqual(2 * viewersAskedMax);
  expect(someOf([{ number: 3 }, { number: 5 }], 1)).toHaveLength(1); // However their numbers fall.
});
