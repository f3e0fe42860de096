import { mkdirSync, readFileSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const pollEveryMs = 200;

/**
 * Runs `work` while holding a lock file, so that one set-up at a time changes a checkout. The lock of a set-up that was
 * killed is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => void} onWait called once if somebody else holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waited = false; !tryLock(file); waited = true) {
    if (!waited) onWait();
    await wait(pollEveryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function tryLock(file) {
  removeIfStale(file);
  // Written before it gets its name: a lock that is there says whose it is, whatever breaks in between.
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, identity(process.pid));
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes a dead holder's lock away. Between the look and the rename another set-up may have done the same and locked for
 * itself; its lock is then put back.
 *
 * @param {string} file
 */
function removeIfStale(file) {
  const holder = contentOf(file);
  if (holder === null || isAlive(holder)) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (contentOf(aside) !== holder) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

/** @param {string} holder what a lock file holds */
const isAlive = (holder) => holder !== '' && holder === identity(Number.parseInt(holder, 10));

/**
 * Names a living process: its number, and on Linux when it started, since numbers are used again. '' when there is none.
 *
 * @param {number} pid
 */
export function identity(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return '';
  }
  if (process.platform !== 'linux') return `${pid}`;
  // The program's name stands in parentheses and may hold spaces; the start time is the 20th field after it.
  const stat = contentOf(`/proc/${pid}/stat`) ?? '';
  return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
}

/** Null when it is not there. @param {string} file */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);
