import { fileURLToPath } from 'node:url';
import { cachedWorkerBin } from '../../../server/setup/worker-cache.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The worker program that both ours and the bare one run. @throws Error when it has not been made yet. */
export function workerBin(): string {
  const found = process.env['MEDIASOUP_WORKER_BIN'] ?? cachedWorkerBin(root);
  if (!found) throw new Error('there is no mediasoup worker yet: npm run setup makes it');
  return found;
}
