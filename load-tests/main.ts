import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pinThisProcess } from './harness/cores.ts';
import { isQuotable, tableOf, writeReport } from './harness/report.ts';
import { runScenario } from './harness/run-scenario.ts';
import type { Scenario } from './harness/scenario.ts';

// npm run load -- SCENARIO [--profile smoke|full] [--only TEXT] [--openings N]: measures, prints a table, writes load-tests/results/.

const folder = new URL('./scenarios/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'full' },
    only: { type: 'string', default: '' },
    openings: { type: 'string' },
  },
});
const [name = ''] = positionals;
const { profile, only } = values;
const openings = values.openings === undefined ? undefined : Number(values.openings);

const isKnown = names.includes(name) && (openings === undefined || (Number.isInteger(openings) && openings > 0));
if (isKnown && (profile === 'smoke' || profile === 'full')) await measure(name, profile);
else await explain();

async function measure(name: string, profile: 'smoke' | 'full'): Promise<void> {
  pinThisProcess();
  const report = await runScenario(await scenarioOf(name), { name, profile, only, openings, say: console.log });
  console.log(`${tableOf(report)}\n`);
  console.log(`${writeReport(report)}${isQuotable(report) ? '' : ' (not quotable)'}`);
  process.exitCode = report.checks.every(({ holds }) => holds) ? 0 : 1;
}

async function explain(): Promise<void> {
  console.log('npm run load -- SCENARIO [--profile smoke|full] [--only TEXT] [--openings N]\n');
  for (const name of names) console.log(`  ${name.padEnd(10)} ${(await scenarioOf(name)).summary}`);
  process.exitCode = name ? 2 : 0;
}

async function scenarioOf(name: string): Promise<Scenario> {
  return ((await import(new URL(`${name}.ts`, folder).href)) as { scenario: Scenario }).scenario;
}
