import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each(['load', 'docs', 'typecheck', 'lint', 'format'])(
  'npm run %s in a fresh clone ends with a sentence that names the set-up',
  async (script) => {
    const clone = temporaryFolder();
    for (const part of ['package.json', 'package-lock.json', 'server/setup'])
      cpSync(join(root, part), join(clone, part), { recursive: true });

    const npm = spawn('npm', ['run', '--silent', script], { cwd: clone, stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([text(npm.stderr), once(npm, 'close')]);

    expect(code).toBe(1);
    expect(said).toBe('[set-up] This checkout is not set up, or changed since: please run npm run setup first.\n');
  },
);
