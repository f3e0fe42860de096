import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guest, call } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startDeadlineMs = 90_000;
const ready = { start: /health\s+(http\S+)\/readyz/, demo: /studio\s+(http\S+)\/studio\/live\// };

/** What `npm start` or `npm run demo` runs, on data of its own and a free port; resolves when it says that it is ready. */
async function start(dataDir: string, verb: 'start' | 'demo' = 'start') {
  const setUp = spawn(process.execPath, ['server/setup/main.mjs', verb], {
    cwd: root,
    env: { ...process.env, PORT: '0', NIGHTMARKET_HOST: '127.0.0.1', NIGHTMARKET_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(setUp, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const said: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(([code]) => reject(new Error(`the server ended with ${code ?? 'a signal'} before it was ready`)));
    createInterface({ input: setUp.stdout }).on('line', (line) => {
      said.push(line);
      const found = ready[verb].exec(line);
      if (found) resolve(found[1]!);
    });
  });
  return {
    url,
    said,
    async stop(signal: NodeJS.Signals): Promise<number | null> {
      setUp.kill(signal);
      return (await ended)[0];
    },
  };
}

const isGone = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );

test(
  'the command that was killed takes its server along; the next knows its people, and ends what its show left and then its own',
  async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir, 'demo');
    const ana = await guest(first, 'Ana');

    await first.stop('SIGKILL');
    await eventually(() => isGone(first.url), { deadlineMs: 15_000 });
    const second = await start(dataDir, 'demo');
    const who = await call(second, 'GET', '/api/session', { token: ana.accessToken });
    const shows = await call(second, 'GET', '/api/rooms', { token: ana.accessToken });
    const exitCode = await second.stop('SIGTERM');

    expect(who.body).toMatchObject({ ok: true, data: { name: 'Ana' } });
    expect(shows.body.data.rooms).toHaveLength(1);
    expect(second.said.join('\n')).toContain('The demo show has ended');
    expect(exitCode).toBe(0);
    expect(await isGone(second.url)).toBe(true);
  },
  2 * startDeadlineMs,
);

test(
  'settings that make no sense end the start with a sentence and exit code 1',
  { timeout: startDeadlineMs },
  async () => {
    const setUp = spawn(process.execPath, ['server/setup/main.mjs', 'start'], {
      cwd: root,
      env: { ...process.env, PORT: 'eighty', NIGHTMARKET_DATA_DIR: temporaryFolder() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    setUp.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));

    const [code] = (await once(setUp, 'close')) as [number];

    expect(code).toBe(1);
    expect(said).toContain('PORT: ');
  },
);
