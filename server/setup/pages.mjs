import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from './content-hash.mjs';
import { run } from './run.mjs';
import { step } from './say.mjs';

/** What the built pages are made of. */
const sources = ['web', 'shared', 'package-lock.json', 'server/setup/pages.mjs'];

/**
 * Builds the pages if their sources changed since the last build.
 *
 * @param {string} root the checkout
 * @param {string} node
 */
export async function ensurePages(root, node) {
  if (!existsSync(join(root, 'web/index.html'))) return;
  // vite empties the folder before it writes, so the stamp of a broken build is gone.
  const stampFile = join(root, 'web/dist/.stamp');
  const stamp = contentHash(root, sources);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  await step('building the pages (vite)', () =>
    // Started by a test, it would otherwise build what is meant for debugging: bigger, and with paths of this machine in it.
    run(node, ['node_modules/vite/bin/vite.js', 'build', 'web'], { cwd: root, env: { NODE_ENV: 'production' } }),
  );
  writeFileSync(stampFile, stamp);
}
