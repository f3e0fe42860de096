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
  /**
   * Whether one viewer more may come, beside so many who are just coming: below `overfull`, and within what may be sent. Where there is
   * nothing to look at yet they may: without a worker they are told so anyway. To be asked each second also while nobody comes: of the
   * last seconds the calmest one counts.
   */
  hasRoom(coming: number): boolean;
};
type Look = { atMs: number; used: number; viewers: number };

/** Share of what its processors may carry from which on a media server takes no viewer at all: it has publishers too, and what is too much for it takes the picture from everybody. */
export const overfull = 1.2;

/** What viewers are sent is read no more often than that. */
const readEveryMs = 1_000;
/** Of whom it is read. */
const viewersReadMax = 50;
/** The rush of a second is over by then, ms. */
const rememberedMs = 3_500;
/** Taken for what a viewer is sent until it has been seen. */
const expectedBpsPerViewer = 1_500_000;

/**
 * How much of what a media server may carry it has: of its processors, and of what it may send. Who is sent nothing counts as what they
 * will cost: with the processors by `MediaWorker.load`, and with what is sent as one of those who are. Asked for each viewer who comes.
 */
export function createLoad({ sfu, sendsMaxBps, nowMs }: Needs): Load {
  let readAtMs = -Infinity;
  let bpsPerViewer = expectedBpsPerViewer;
  /** The latest, one a second, the oldest first. */
  let looks: Look[] = [];

  return {
    now(): number | null {
      const used = usedNow();
      if (used === null || sendsMaxBps === null) return used;
      return Math.max(used, (viewersNow() * sentToEach()) / sendsMaxBps);
    },
    perViewer(): number {
      const used = usedPerViewer();
      return sendsMaxBps === null ? used : Math.max(used, bpsPerViewer / sendsMaxBps);
    },
    hasRoom(coming: number): boolean {
      const used = usedNow();
      if (used === null) return true;
      const viewers = viewersNow() + coming;
      // The first one always: what they are sent is a guess until somebody is.
      if (sendsMaxBps !== null && viewers > 0 && (viewers + 1) * sentToEach() > sendsMaxBps) return false;
      return calmest({ atMs: nowMs(), used, viewers }) < overfull;
    },
  };

  function usedNow(): number | null {
    const { workers, rooms } = sfu.running() ?? {};
    const shares = (workers?.running() ?? []).map((worker) => worker.load() / mediaProcessLimits.workerLoadMax);
    return !rooms || shares.length === 0 ? null : usedOf(shares);
  }

  function usedPerViewer(): number {
    const workers = Math.max(1, sfu.running()?.workers.running().length ?? 1);
    return expectedLoadPerSession / workers / mediaProcessLimits.workerLoadMax;
  }

  function viewersNow(): number {
    return sfu.running()?.rooms.viewers() ?? 0;
  }

  /**
   * The load of the calmest moment of the last seconds, with all who have come since. In a rush handshakes alone keep a core busy, which
   * says nothing of what these viewers will cost: whoever is refused for it would come back to a server with room.
   */
  function calmest(now: Look): number {
    looks = looks.filter(({ atMs }) => now.atMs - atMs < rememberedMs);
    const last = looks.at(-1);
    const withAllSince = ({ used, viewers }: Look): number =>
      used + Math.max(0, now.viewers - viewers) * usedPerViewer();
    const least = Math.min(now.used, ...looks.map(withAllSince));
    if (!last || now.atMs - last.atMs >= readEveryMs) looks.push(now);
    return least;
  }

  /** Bits per second; looked at anew, for the next question, if it was not for a while. */
  function sentToEach(): number {
    const { rooms } = sfu.running() ?? {};
    if (rooms && nowMs() - readAtMs >= readEveryMs) void read(rooms.settledViewers());
    return bpsPerViewer;
  }

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
