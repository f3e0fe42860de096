import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLifecycle } from '../../server/platform/lifecycle.ts';
import { createLog } from '../../server/platform/log.ts';

const log = createLog('silent');

describe('lifecycle', () => {
  test('closes in reverse order of opening, once, also when asked twice', async () => {
    const lifecycle = createLifecycle({ log, deadlineMs: 1_000 });
    const closed: string[] = [];
    for (const part of ['database', 'feature', 'port']) lifecycle.onClose(part, () => closed.push(part));

    await Promise.all([lifecycle.close(), lifecycle.close()]);

    expect(closed).toEqual(['port', 'feature', 'database']);
  });

  test('a part that takes its time takes none from the one it is closed beside', async () => {
    const lifecycle = createLifecycle({ log, deadlineMs: 500 });
    const closed: string[] = [];
    lifecycle.onClose('database', () => closed.push('database'));
    lifecycle.onClose('port', () => closed.push('port'));
    lifecycle.onClose('hanging', () => new Promise(() => closed.push('hanging')), { besideNext: true });

    const done = lifecycle.close();
    const atOnce = [...closed];
    await done;

    expect(atOnce).toEqual(['hanging', 'port']);
    expect(closed.at(-1)).toBe('database');
  });

  test('a part that fails or hangs does not keep the others open, and leaves them time', async () => {
    const lifecycle = createLifecycle({ log, deadlineMs: 3_000 });
    const closed: string[] = [];
    lifecycle.onClose('database', async () => {
      await wait(100);
      closed.push('database');
    });
    lifecycle.onClose('broken', () => Promise.reject(new Error('no')));
    lifecycle.onClose('hanging', () => new Promise(() => undefined));

    await lifecycle.close();

    expect(closed).toEqual(['database']);
  });
});
