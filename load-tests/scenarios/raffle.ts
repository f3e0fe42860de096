import type { Load, Scenario } from '../harness/scenario.ts';
import { drawSide, hashingSide, presentSide } from './raffle/draw.ts';
import { emptyCommandSide, entrySide } from './raffle/entries.ts';
import { crowdSide, insertingSide } from './raffle/flash-crowd.ts';

/** Giveaways: what an entry costs, whether a flash crowd gets in, and how long a draw takes. */
export const scenario: Scenario = {
  summary: 'giveaways: an entry beside an empty command, a flash crowd of entries, a draw beside its hashing',
  async run(load) {
    await entries(load);
    await flashCrowd(load);
    await draw(load, load.scale({ smoke: 500, full: 100_000 }));
    await draw(load, load.scale({ smoke: 3_000, full: 1_000_000 }), 1);
  },
};

async function entries(load: Load): Promise<void> {
  const sockets = load.scale({ smoke: 30, full: 2_000 });
  await load.compare({
    name: 'an entry beside an empty command',
    unit: 'µs of server CPU per answer',
    baseline: emptyCommandSide(load, sockets),
    sides: [entrySide(load, sockets)],
    targets: [{ side: 'entry', max: 1.5 }],
  });
}

async function flashCrowd(load: Load): Promise<void> {
  const crowd = load.scale({ smoke: { people: 500, atOnce: 200 }, full: { people: 100_000, atOnce: 20_000 } });
  await load.compare({
    name: `flash crowd of ${crowd.people} entries`,
    unit: 'entries per second',
    baseline: insertingSide(load, crowd.people),
    sides: [crowdSide(load, crowd)],
    rounds: 3,
  });
}

async function draw(load: Load, entryCount: number, rounds = 5): Promise<void> {
  const winnerCount = load.scale({ smoke: 100, full: 1_000 });
  const isPromised = entryCount === 100_000;
  await load.compare({
    name: `draw of ${entryCount} entries and ${winnerCount} winners`,
    unit: 'ms',
    baseline: hashingSide(load, entryCount),
    sides: [
      drawSide(load, entryCount, winnerCount),
      ...(isPromised ? [presentSide(load, entryCount, winnerCount)] : []),
    ],
    rounds,
    targets: isPromised
      ? [
          { side: 'draw', of: 'drawMs', max: 400 },
          { side: 'draw', of: 'eventLoopDelayP99Ms', max: 20 },
        ]
      : [],
  });
}
