import { expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario } from './scenarios/media.ts';

test('the media scenario runs small: every packet reaches every viewer, and pictures are decoded', async () => {
  const { checks, comparisons } = await runScenario(scenario, {
    name: 'media',
    profile: 'smoke',
    stores: await freshStores(),
  });

  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(comparisons.length).toBeGreaterThanOrEqual(3); // Janus only where it is installed.
}, 120_000);
