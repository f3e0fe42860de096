import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';

/** The least number of modules a healthy run sees. A cruiser that resolves nothing also finds nothing wrong. */
const modulesMin = 50;

const roots = ['shared', 'server', 'media', 'load-tests', 'test', 'web/src'];
const { ruleSet, options } = await loadRules();
const { output } = await cruise(roots, { ruleSet, validate: true, ...options });
const { violations, totalCruised } = (output as ICruiseResult).summary;

for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (totalCruised < modulesMin) console.error(`saw only ${totalCruised} modules: the import check did not work`);
if (violations.length > 0 || totalCruised < modulesMin) process.exit(1);
console.log(`import rules hold in ${totalCruised} modules`);

async function loadRules() {
  const { options: cruiseOptions, ...rules } = await extractConfig('./.dependency-cruiser.cjs');
  return { ruleSet: rules, options: cruiseOptions ?? {} };
}
