import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { serveMediaFigures } from '../../media/figures.ts';
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
