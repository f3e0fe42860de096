/**
 * Stands before the scripts that need a checkout that is set up: without it they would fail in the words of whatever is missing first.
 * Runs on Node 20, before anything is installed.
 */
import { fileURLToPath } from 'node:url';
import { dependenciesAreThere } from './dependencies.mjs';
import { isNewEnough } from './node.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

if (!dependenciesAreThere(root) || !isNewEnough(process.versions.node)) {
  console.error('[set-up] This checkout is not set up, or changed since: please run npm run setup first.');
  process.exit(1);
}
