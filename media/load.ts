import { mediaProcessLimits } from './limits.ts';
import type { Session } from './room/session.ts';
import { someOf } from './sent-figures.ts';
import type { Sfu } from './sfu.ts';
import { readInTime } from './stats.ts';
import { expectedLoadPerSession } from './workers.ts';

type Needs = {
  sfu: Pick<Sfu, 'running'>;
  /** What viewers may be sent in all, bits per second; null where the workers are the only bound. */
  sendsMaxBps: number | null;
  nowMs: () => number;
};
export type Load = {
  /** Share of what this process may carry; from 1 on it is full. Null while it can carry nothing. */
  now(): number | null;
  /** What one viewer more will add to it. */
  perViewer(): number;
};

/** What viewers are sent is read no more often than that, and only when somebody wants to know. */
const readEveryMs = 1_000;
/** Of whom it is read. */
const viewersReadMax = 50;
/** Taken for what a viewer is sent until it has been seen. */
const expectedBpsPerViewer = 1_500_000;

/**
 * How much of what a media server may carry it has: of its processors, and of what it may send. Who is sent nothing counts as what they
 * will cost: with the processors by `MediaWorker.load`, and with what is sent as one of those who are. Asked for each viewer who comes.
 */
export function createLoad({ sfu, sendsMaxBps, nowMs }: Needs): Load {
  let readAtMs = -Infinity;
  let bpsPerViewer = expectedBpsPerViewer;

  return {
    now(): number | null {
      const { workers, rooms } = sfu.running() ?? {};
      const shares = (workers?.running() ?? []).map((worker) => worker.load() / mediaProcessLimits.workerLoadMax);
      if (!rooms || shares.length === 0) return null;
      const used = usedOf(shares);
      if (sendsMaxBps === null) return used;
      if (nowMs() - readAtMs >= readEveryMs) void read(rooms.settledViewers());
      return Math.max(used, (rooms.viewers() * bpsPerViewer) / sendsMaxBps);
    },
    perViewer(): number {
      const workers = Math.max(1, sfu.running()?.workers.running().length ?? 1);
      const used = expectedLoadPerSession / workers / mediaProcessLimits.workerLoadMax;
      return sendsMaxBps === null ? used : Math.max(used, bpsPerViewer / sendsMaxBps);
    },
  };

  async function read(viewers: readonly Session[]): Promise<void> {
    readAtMs = nowMs();
    const sent = await readInTime(Promise.all(someOf(viewers, viewersReadMax).map(sentTo)));
    const known = (sent ?? []).filter((bps) => bps !== null);
    if (known.length > 0) bpsPerViewer = known.reduce((sum, bps) => sum + bps, 0) / known.length;
  }
}

/** A room grows to whichever worker has room, so they are full together: what one has too much of is no room of another one. */
function usedOf(shares: readonly number[]): number {
  const least = Math.min(...shares);
  return least >= 1 ? least : shares.reduce((sum, share) => sum + Math.min(1, share), 0) / shares.length;
}

/** Null of one who has just gone. */
async function sentTo({ transport }: Session): Promise<number | null> {
  const [stats] = await transport.getStats().catch(() => []);
  return stats?.sendBitrate ?? null;
}
