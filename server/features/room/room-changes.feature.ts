import type { Platform } from '../../platform/platform.ts';
import { createRoomChangesStore } from './room-changes.pg.ts';
import { createForgetting, createRoomChanges } from './room-changes.ts';

/** How soon a gateway knows of a change in the ledger, ms. */
const lookEveryMs = 500;
const forgetEveryMs = 60_000;

export function createRoomChangesFeature({ db, every }: Platform) {
  const store = createRoomChangesStore(db);
  const elapsedMs = (): number => performance.now();
  const changes = createRoomChanges({ store, elapsedMs });

  return {
    ...changes,
    register(): void {
      every({ name: 'look for room changes', everyMs: lookEveryMs, role: 'gateway', run: changes.look });
      const run = createForgetting({ store, elapsedMs });
      every({ name: 'forget room changes', everyMs: forgetEveryMs, exclusive: true, run });
    },
  };
}
