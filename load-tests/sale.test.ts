import { describe, expect, test } from 'vitest';
import { freshStores } from '../test/support/app.ts';
import { runScenario } from './harness/run-scenario.ts';
import { scenario as orders } from './scenarios/orders.ts';
import { scenario as sale } from './scenarios/sale.ts';

describe('the scenarios of the sale run small, and everything they check holds', () => {
  test.each([
    ['orders', orders],
    ['sale', sale],
  ])(
    '%s',
    async (name, scenario) => {
      const { checks } = await runScenario(scenario, { name, profile: 'smoke', stores: await freshStores() });

      expect(checks.filter(({ holds }) => !holds)).toEqual([]);
      expect(checks.length).toBeGreaterThan(1);
    },
    240_000,
  );
});
