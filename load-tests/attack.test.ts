import { expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario } from './scenarios/attack.ts';
import { attacks } from './scenarios/attack/attacks.ts';

test('the attack scenario runs small: others are answered, and the server stays as small as its limits say', async () => {
  const { checks } = await runScenario(scenario, { name: 'attack', profile: 'smoke', stores: await freshStores() });

  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(checks).toHaveLength(2 * attacks.length);
}, 120_000);
