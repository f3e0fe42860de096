import { afterAll } from 'vitest';
import { eventually } from './eventually.ts';
import { giveBackAll } from './given-back.ts';

/** What keeps a process alive and is easily forgotten. Timers are left out: vitest has its own. */
const watched = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'PipeWrap',
  'ProcessWrap',
  'UDPWrap',
  'MessagePort',
  'FSEventWrap',
  'StatWatcher',
]);

const openHandles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => watched.has(kind))
    .sort();

// Node opens its own pipes when they are first asked for; whoever does so is no leak.
void [process.stdin, process.stdout, process.stderr];
const before = openHandles();

// Registered before the hooks of the test file itself, so it runs after all of them.
afterAll(async () => {
  const leaks = await giveBackAll();
  const nothingLeft = (): boolean => openHandles().length <= before.length;
  await eventually(nothingLeft, { deadlineMs: 3_000 }).catch(() => {
    leaks.push(`handles: ${openHandles().join(', ')} (before the file: ${before.join(', ') || 'none'})`);
  });
  if (leaks.length > 0) throw new Error(`left open by this file: ${leaks.join('; ')}`);
});
