import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../../../server/setup/lock.mjs';
import { ensurePages } from '../../../server/setup/pages.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The pages as the sources are now, whichever test asks first. Only the set-up of a whole run builds them beforehand. */
export const builtPages = (): Promise<void> =>
  withLock(
    join(root, '.nightmarket/setup.lock'),
    () => undefined,
    () => ensurePages(root, process.execPath),
  );
