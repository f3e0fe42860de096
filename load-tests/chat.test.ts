import { expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario } from './scenarios/chat.ts';

test('the chat scenario runs small: everybody joins, and every message arrives once and in one order', async () => {
  const { checks, comparisons } = await runScenario(scenario, {
    name: 'chat',
    profile: 'smoke',
    stores: await freshStores(),
  });

  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(comparisons).toHaveLength(7);
}, 240_000);
