import { expect, test } from 'vitest';
import { createFairTurns } from '../../server/gateway/fair-turns.ts';

/** Turns of the event loop, taken by hand. */
function turns() {
  const [ran, full, due] = [[] as string[], [] as string[], [] as (() => void)[]];
  const caller = (name: string) => ({ name, connected: true });
  const take = createFairTurns<ReturnType<typeof caller>, number>({
    run: ({ name }, command) => ran.push(`${name} ${command}`),
    onFull: ({ name }) => full.push(name),
    soon: (run) => due.push(run),
  });
  const next = () => {
    ran.length = 0;
    due.splice(0).forEach((run) => run());
    return ran.length;
  };
  return { ran, full, due, caller, take, next };
}

test('what one asks for beyond a share of the turn waits for the next ones, in order, and holds up nobody else', () => {
  const { ran, due, caller, take, next } = turns();
  const [flood, other] = [caller('flood'), caller('other')];

  for (let i = 0; i < 50; i += 1) take(flood, i);
  take(other, 0);
  expect(ran).toEqual([...Array.from({ length: 20 }, (_, i) => `flood ${i}`), 'other 0']);

  expect(next()).toBe(20);
  expect(ran[0]).toBe('flood 20');
  take(flood, 50); // Behind what it asked for before.
  take(other, 1);
  expect(ran.at(-1)).toBe('other 1');
  next();
  expect(ran).toEqual(Array.from({ length: 11 }, (_, i) => `flood ${40 + i}`));
  next();
  next();
  expect([ran, due]).toEqual([[], []]); // Nothing is looked at when nobody asks.
});

test('of who is gone nothing more is done, and there is a bound on what waits', () => {
  const { ran, full, due, caller, take, next } = turns();
  const [gone, greedy] = [caller('gone'), caller('greedy')];

  for (let i = 0; i < 100; i += 1) take(gone, i);
  for (let i = 0; i < 3_021; i += 1) take(greedy, i);
  gone.connected = greedy.connected = false;
  next();
  next();

  expect(full).toEqual(['greedy']);
  expect([ran, due]).toEqual([[], []]);
});
