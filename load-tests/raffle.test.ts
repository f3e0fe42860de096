import { expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario } from './scenarios/raffle.ts';

test('the raffle scenario runs small: everybody gets in once, and every draw can be checked', async () => {
  const { checks, comparisons } = await runScenario(scenario, {
    name: 'raffle',
    profile: 'smoke',
    stores: await freshStores(),
  });

  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(checks.length).toBeGreaterThan(4);
  expect(comparisons).toHaveLength(4);
}, 120_000);
