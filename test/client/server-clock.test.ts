import { expect, test } from 'vitest';
import { createServerClock } from '../../shared/client/server-clock.ts';

/** A clock at home that can be set, and a server that is `aheadMs` of it; each question takes 40 ms, evenly. */
function clocks(aheadMs: number) {
  let local = 1_000_000;
  let real = local;
  const clock = createServerClock(() => local);
  const pass = (ms: number) => {
    local += ms;
    real += ms;
  };
  return {
    clock,
    set: (ms: number) => (local += ms),
    serverMs: () => real + aheadMs,
    ask(roundTripMs = 40): void {
      const sentMs = local;
      pass(roundTripMs / 2);
      const serverMs = real + aheadMs;
      pass(roundTripMs / 2);
      clock.sample(serverMs, sentMs);
    },
  };
}

test.each([3_600_000, -3_600_000, 5_000])(
  'a clock at home that is set by %i ms is right again after one answer',
  (ms) => {
    const { clock, ask, set, serverMs } = clocks(250);
    for (let i = 0; i < 8; i += 1) ask();

    set(ms);
    ask(60);

    expect(clock.nowMs()).toBe(serverMs());
  },
);

test('a slow answer does not push out a quick one, and one during which the clock was set back is not believed', () => {
  const { clock, ask, set, serverMs } = clocks(250);
  ask();
  ask(4_000);
  const sentMs = serverMs() - 250;
  set(0);
  clock.sample(serverMs(), sentMs + 10_000);

  expect(clock.nowMs()).toBe(serverMs());
});
