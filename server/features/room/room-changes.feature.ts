import type { Platform } from '../../platform/platform.ts';
import { createRoomChangesStore } from './room-changes.pg.ts';
import { createRoomChanges } from './room-changes.ts';

/** How soon a gateway knows of a change in the ledger, ms. */
const lookEveryMs = 500;
const forgetEveryMs = 60_000;
/** Twice as long as a gateway may go without a look and still be told what it missed. */
const keptMinutes = 10;

export function createRoomChangesFeature({ db, every }: Platform) {
  const store = createRoomChangesStore(db);
  const changes = createRoomChanges({ store, elapsedMs: () => performance.now() });

  return {
    ...changes,
    register(): void {
      every({ name: 'look for room changes', everyMs: lookEveryMs, role: 'gateway', run: changes.look });
      const run = () => store.forget(keptMinutes);
      every({ name: 'forget room changes', everyMs: forgetEveryMs, exclusive: true, run });
    },
  };
}
