import { spawnSync } from 'node:child_process';
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

/**
 * Takes the lock unless a living process holds it. Whoever took it removes the file when done.
 *
 * @param {string} file
 */
export function tryLock(file) {
  removeIfStale(file);
  return link(file);
}

/**
 * Gives the file our name; false when it is there already.
 *
 * @param {string} file
 */
function link(file) {
  // Written before it gets its name: a lock that is there says whose it is, whatever breaks in between.
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, identity(process.pid), { mode: 0o600 });
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
 * Lets a child hold our lock together with us: when we are killed, it is free only once the child has ended too. A child named
 * before is forgotten.
 *
 * @param {string} file a lock that is ours
 * @param {number} childPid
 */
export function shareLock(file, childPid) {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${identity(process.pid)}\n${identity(childPid)}`, { mode: 0o600 });
  renameSync(draft, file);
}

/**
 * The numbers of the living processes that hold a lock.
 *
 * @param {string} file
 */
export const holdersOf = (file) => livingIn(contentOf(file) ?? '');

/**
 * Takes a dead holder's lock away. One at a time does so, by a lock of its own, and looks again when it is its turn: otherwise
 * the slower of two could take away the lock that the faster one has just got.
 *
 * @param {string} file
 */
function removeIfStale(file) {
  const holder = staleContentOf(file);
  if (holder === null) return;
  const turn = `${file}.turn`;
  if (!link(turn)) return setAsideIfStale(turn);
  if (contentOf(file) === holder) rmSync(file, { force: true });
  rmSync(turn, { force: true });
}

/**
 * For whoever died in its turn, which takes microseconds. Between the look and the rename another one may have done the same; its
 * file is then put back.
 *
 * @param {string} file
 */
function setAsideIfStale(file) {
  const holder = staleContentOf(file);
  if (holder === null) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (contentOf(aside) !== holder) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

/** Null unless it is there and everybody in it is dead. @param {string} file */
function staleContentOf(file) {
  const content = contentOf(file);
  return content === null || livingIn(content).length > 0 ? null : content;
}

/** @param {string} content of a lock file: whoever holds it, a line each */
const livingIn = (content) =>
  content
    .split('\n')
    .map((line) => ({ line, pid: Number.parseInt(line, 10) }))
    .filter(({ line, pid }) => line !== '' && line === identity(pid))
    .map(({ pid }) => pid);

/**
 * Names a living process: its number, and when it started, since numbers are used again. '' when there is none.
 *
 * @param {number} pid
 */
export function identity(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return '';
  }
  if (process.platform !== 'linux') return `${pid} ${startToldByPs(pid)}`;
  // The program's name stands in parentheses and may hold spaces; after it come the state and, as the 20th field, the start.
  const stat = contentOf(`/proc/${pid}/stat`) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended, and may stay one: not every container has somebody who buries the dead.
  return fields[0] === 'Z' ? '' : `${pid} ${fields[19] ?? ''}`;
}

/** @param {number} pid */
const startToldByPs = (pid) =>
  (spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', env: { LC_ALL: 'C' } }).stdout ?? '').trim();

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
