import { expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario } from './scenarios/audience.ts';

test('the audience scenario runs small: who comes, leaves, or watched over a gateway that was killed is counted right', async () => {
  const { checks } = await runScenario(scenario, { name: 'audience', profile: 'smoke', stores: await freshStores() });

  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(checks.filter(({ statement }) => /counted right/.test(statement))).toHaveLength(3);
}, 60_000);
