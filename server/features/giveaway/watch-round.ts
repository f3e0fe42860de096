import { eachOf } from '../../platform/each-of.ts';
import type { WatchTime } from './watch-time.ts';

type Needs = {
  /** Rooms with people in them at this gateway, and who they are. */
  people: () => Iterable<[roomId: string, people: { keys(): Iterable<string> }]>;
  /** Fails when the people of a room could not be reported. */
  credit: (roomId: string, personIds: readonly string[]) => Promise<void>;
  watchTime: Pick<WatchTime, 'reported'>;
  /** Fails while the ledger is away: nobody can come into a room then. */
  askLedger: () => Promise<unknown>;
  warn: (error: unknown) => void;
};

/** Rooms reported at a time. */
const atOnce = 4;

/**
 * Reports who is in the rooms of this gateway. That it has done so is said only when it is true of all of them, and people could come in
 * meanwhile: or a full room would be taken for an empty one, and who could not come back for who did not.
 */
export function createWatchRound({ people, credit, watchTime, askLedger, warn }: Needs) {
  return async function report(): Promise<void> {
    // Side by side: who is there is seen also while the ledger is away.
    const [isWhole, isOpen] = await Promise.all([reportRooms(), succeeds(askLedger())]);
    if (isWhole && isOpen) await watchTime.reported();
  };

  async function reportRooms(): Promise<boolean> {
    let isWhole = true;
    await eachOf([...people()], atOnce, async ([roomId, there]) => {
      if (!(await succeeds(credit(roomId, [...there.keys()])))) isWhole = false;
    });
    return isWhole;
  }

  function succeeds(work: Promise<unknown>): Promise<boolean> {
    return work.then(
      () => true,
      (error: unknown) => {
        warn(error);
        return false;
      },
    );
  }
}
