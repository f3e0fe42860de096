import type { Heard } from './archive-listeners.ts';
import type { Archive } from './archive.pg.ts';

type Needs = {
  archive: Pick<Archive, 'owed' | 'entriesOf' | 'settleOwed' | 'putOffOwed'>;
  /** Returns whether all who listen have taken account of it. */
  hear: (stretches: readonly Heard[]) => Promise<boolean>;
};

/** Stretches heard in one round. */
const heardMax = 500;
/** What failed again waits so long, ms. */
const againMs = 10_000;

/**
 * A round in which those who were late, or failed, hear again what was archived without them: from the archive, so whatever the log
 * has forgotten. Who took account of it already hears it twice. The first failure ends the round: as a rule all fail alike.
 */
export function createHearingOwed({ archive, hear }: Needs) {
  return async (): Promise<void> => {
    for (const owed of await archive.owed(heardMax)) {
      const heard = await hear([await archive.entriesOf(owed)]);
      if (!heard) return archive.putOffOwed(owed, againMs);
      await archive.settleOwed(owed);
    }
  };
}
