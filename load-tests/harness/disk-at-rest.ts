import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from './statistics.ts';

/** A sync is of one page, as that of a small commit; the median of so many is one look. */
const page = Buffer.alloc(8_192, 1);
const syncsPerLook = 30;
/** At rest: syncs take no longer than this many times what they took at the best so far. */
const slowerMax = 1.25;
const lookEveryMs = 250;
/** Then it is measured as it is: a disk that others use may never come to rest. */
const waitMsMax = 15_000;

let bestMs = Infinity;

/**
 * Waits until the disk of the databases syncs as fast as it did at its best in this run. After a hundred megabytes some disks take many seconds to,
 * whatever was written back: who is measured then is measured with what the side before it left behind.
 */
export async function diskAtRest(): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const ms = medianSyncMs();
    bestMs = Math.min(bestMs, ms);
    if (ms <= bestMs * slowerMax || performance.now() - startedMs > waitMsMax) return;
    await sleep(lookEveryMs);
  }
}

function medianSyncMs(): number {
  const file = join(tmpdir(), `nightmarket-load-sync-${process.pid}`);
  const handle = openSync(file, 'w');
  try {
    const times = Array.from({ length: syncsPerLook }, () => {
      const beganMs = performance.now();
      writeSync(handle, page, 0, page.length, 0);
      fdatasyncSync(handle);
      return performance.now() - beganMs;
    });
    return spreadOf(times).median;
  } finally {
    closeSync(handle);
    rmSync(file);
  }
}
