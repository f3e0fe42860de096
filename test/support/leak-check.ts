import { afterAll } from 'vitest';
import { eventually } from './eventually.ts';
import { giveBackAll } from './stack.ts';

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

const before = openHandles();

// Registered before the hooks of the test file itself, so it runs after all of them.
afterAll(async () => {
  await giveBackAll();
  const nothingLeft = (): boolean => openHandles().length <= before.length;
  await eventually(nothingLeft, { deadlineMs: 3_000 }).catch(() => {
    throw new Error(
      `handles left open by this file: ${openHandles().join(', ')} (before it: ${before.join(', ') || 'none'})`,
    );
  });
});
