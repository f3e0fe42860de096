import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { programOnPath } from '../../server/platform/embedded/program-on-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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

/** A PATH with these programs alone, as far as the machine has them. */
export function pathOf(programs: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of programs) {
    const file = programOnPath(name);
    if (file) symlinkSync(file, join(folder, name));
  }
  return folder;
}
