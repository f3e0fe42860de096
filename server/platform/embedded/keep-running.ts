import { setTimeout as wait } from 'node:timers/promises';
import type { OwnedProcess } from './owned-process.ts';

const restartDelayMinMs = 100;
const restartDelayMaxMs = 10_000;

export type KeepRunningOptions = {
  first: OwnedProcess;
  /** Starts the same server on the same port. */
  again: () => Promise<OwnedProcess>;
  /** Hears that it ended, and with which last words, and that it could not be started again. */
  onTrouble: (what: string) => void;
  stopDeadlineMs: number;
};

/**
 * Starts an embedded server again when it ends on its own: clients reconnect to the same address.
 * The delay doubles with every failure in a row, up to 10 s, and never gives up.
 */
export function keepRunning({ first, again, onTrouble, stopDeadlineMs }: KeepRunningOptions): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let current = first;

  const restart = async (): Promise<void> => {
    for (let delayMs = restartDelayMinMs; ; delayMs = Math.min(delayMs * 2, restartDelayMaxMs)) {
      await wait(delayMs, undefined, { signal: stopping.signal });
      try {
        current = await again();
        return;
      } catch (error) {
        onTrouble(`could not be started again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      const reason = await current.exited;
      if (stopping.signal.aborted) return;
      onTrouble([`${reason}; starting it again. It said last:`, ...current.lastLines()].join('\n'));
      await restart();
    }
  };
  // Its only way to reject is the wait that stop() breaks off.
  const watching = watch().catch(() => undefined);

  return {
    async stop() {
      stopping.abort();
      await current.stop(stopDeadlineMs);
      await watching;
      await current.stop(stopDeadlineMs); // The one that a restart under way has brought.
    },
  };
}
