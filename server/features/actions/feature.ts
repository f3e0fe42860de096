import { newId } from '../../../shared/ids.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Persist } from '../room-log/persist.ts';
import type { NoteAction } from './actions.ts';
import { createActionStore } from './actions.pg.ts';

type Needs = {
  /** Runs what must happen after a commit: now, and when that fails again later; resolves after the first try. */
  persist: Persist;
  retentionDays: number;
};

const forgetEveryMs = 60_000;
const forgottenMax = 5_000;

/** What host and staff did in rooms, for those who answer for it. Kept as long as what was said. */
export function createActionsFeature(platform: Platform, { persist, retentionDays }: Needs) {
  const store = createActionStore(platform.db);
  const forget = () => store.forget(retentionDays, forgottenMax);

  const note: NoteAction = (action) => {
    const actionId = newId();
    return persist(() => store.note(actionId, action), `not noted in the room: ${action.kind}`);
  };

  return {
    note,
    register(gateway: Gateway): void {
      gateway.expose('room:actions', async ({ personId: readerId }, { roomId, rows, before = null }) => ({
        actions: await store.list({ roomId, readerId, rows, before }),
      }));
      platform.every({ name: 'forget old actions', everyMs: forgetEveryMs, exclusive: true, run: forget });
    },
  };
}
