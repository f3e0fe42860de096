import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';

/** Every folder with code. One in which the cruiser sees nothing was not checked: it also finds nothing wrong then. */
const roots = ['shared', 'server', 'media', 'web', 'load-tests', 'test'];

const { options = {}, ...ruleSet } = await extractConfig('./.dependency-cruiser.cjs');
const { output } = await cruise(roots, { ruleSet, validate: true, ...options });
const { modules, summary } = output as ICruiseResult;

const unseen = roots.filter((root) => !modules.some(({ source }) => source.startsWith(`${root}/`)));
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
for (const root of unseen) console.error(`saw no module in ${root}/: the import check did not work there`);
if (summary.violations.length > 0 || unseen.length > 0) process.exit(1);
console.log(`import rules hold in ${summary.totalCruised} modules`);
