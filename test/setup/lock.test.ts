import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { holdersOf, identity, shareLock, tryLock, withLock } from '../../server/setup/lock.mjs';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('./fixtures/lock-user.ts', import.meta.url));

function aLock() {
  const folder = temporaryFolder();
  const [lockFile, logFile] = [join(folder, 'lock'), join(folder, 'log')];
  return {
    lockFile,
    use: (...more: string[]): ChildProcess =>
      spawn(process.execPath, [program, lockFile, logFile, ...more], { stdio: 'inherit' }),
    events: (): string[][] =>
      existsSync(logFile)
        ? readFileSync(logFile, 'utf8')
            .trim()
            .split('\n')
            .map((line) => line.split(' '))
        : [],
  };
}

test('lets one set-up at a time in, also when the holder before them was killed', async () => {
  const lock = aLock();
  const killed = lock.use('stays');
  await eventually(() => lock.events().length === 1, { deadlineMs: 15_000 });
  const others = [1, 2, 3, 4].map(() => lock.use());
  await eventually(() => lock.events().filter(([event]) => event === 'waits').length === 4, { deadlineMs: 15_000 });

  killed.kill('SIGKILL');
  await Promise.all(others.map((other) => once(other, 'exit')));

  const visits = lock.events().filter(([event, pid]) => event !== 'waits' && pid !== `${killed.pid!}`);
  expect(visits).toHaveLength(8);
  for (let i = 0; i < visits.length; i += 2) {
    expect(visits[i]).toEqual(['enters', visits[i + 1]![1]]);
    expect(visits[i + 1]![0]).toBe('leaves');
  }
  expect(existsSync(lock.lockFile)).toBe(false);
});

test('is free again after work that failed', async () => {
  const { lockFile } = aLock();

  const failed = withLock(
    lockFile,
    () => undefined,
    () => Promise.reject(new Error('npm ci failed')),
  );

  await expect(failed).rejects.toThrow('npm ci failed');
  expect(
    await withLock(
      lockFile,
      () => undefined,
      () => Promise.resolve('in'),
    ),
  ).toBe('in');
});

test('is taken when it is empty: its holder was cut off while writing it', async () => {
  const { lockFile } = aLock();
  writeFileSync(lockFile, '');
  const enter = withLock(
    lockFile,
    () => undefined,
    () => Promise.resolve('in'),
  );

  expect(await enter).toBe('in');
});

test('that a child shares is held until both have ended', async () => {
  const { lockFile } = aLock();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 60_000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(tryLock(lockFile)).toBe(true);
  shareLock(lockFile, child.pid!);
  // What is left when we are killed and our number is given to somebody else.
  writeFileSync(lockFile, readFileSync(lockFile, 'utf8').replace(/^\d+ \d+/, `${process.pid} 1`));

  expect(holdersOf(lockFile)).toEqual([child.pid]);
  expect(tryLock(lockFile)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(tryLock(lockFile)).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'is taken from a dead holder whose process number lives on in another program',
  async () => {
    const { lockFile } = aLock();
    writeFileSync(lockFile, `${process.ppid} 1`);

    expect(identity(process.ppid)).toMatch(new RegExp(`^${process.ppid} \\d+$`));
    expect(
      await withLock(
        lockFile,
        () => undefined,
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
  },
);

test('a dead holder is cleared away by one at a time, and whoever died at that is cleared away too', () => {
  const { lockFile } = aLock();
  const dead = '999999 1';
  writeFileSync(lockFile, dead);
  writeFileSync(`${lockFile}.turn`, identity(process.pid));

  expect([tryLock(lockFile), readFileSync(lockFile, 'utf8')]).toEqual([false, dead]);

  writeFileSync(`${lockFile}.turn`, dead);
  expect([tryLock(lockFile), tryLock(lockFile)]).toEqual([false, true]);
  expect(existsSync(`${lockFile}.turn`)).toBe(false);
});
