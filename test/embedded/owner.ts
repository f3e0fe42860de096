import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));

/** Runs fixtures/owner.ts until it is killed. `env` is added to the environment. */
export async function startOwner(kind: 'postgres' | 'redis', dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const owner = spawn(process.execPath, [program, kind, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [url] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return {
    url,
    async kill(signal: NodeJS.Signals): Promise<void> {
      owner.kill(signal);
      await once(owner, 'exit');
    },
  };
}
