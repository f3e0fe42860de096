import type { Sfu } from './sfu.ts';
import { mediaProcessLimits } from './limits.ts';
import type { Room } from './room/room.ts';
import type { Session } from './room/session.ts';
import { someOf } from './sent-figures.ts';
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

/** Viewers are looked at no more often than that, and only when somebody wants to know. */
const lookEveryMs = 1_000;
/** Of whom it is asked what they are sent. */
const viewersAskedMax = 50;
/** Taken for what a viewer is sent until it has been seen. */
const expectedBpsPerViewer = 1_500_000;

/**
 * How much of what a media server may carry it has: of its processors, and of what it may send. Who waits for a stream costs nothing yet,
 * and all of them cost at once when it comes: so whoever is sent nothing, or has only just begun, counts as what they will cost.
 */
export function createLoad({ sfu, sendsMaxBps, nowMs }: Needs): Load {
  /** Viewers who were sent something at the latest look. */
  const flowing = new WeakSet<Session>();
  let lookedAtMs = -Infinity;
  let viewersThen = 0;
  let waitingThen = 0;
  let bpsPerViewer = expectedBpsPerViewer;

  return {
    now(): number | null {
      const { workers, rooms } = sfu.running() ?? {};
      const running = workers?.running() ?? [];
      if (!rooms || running.length === 0) return null;
      const all = [...rooms.all()];
      if (nowMs() - lookedAtMs >= lookEveryMs) look(all);
      const viewers = all.reduce((sum, room) => sum + room.sessions().size - room.publishing().size, 0);
      const waiting = waitingThen + Math.max(0, viewers - viewersThen);
      const leastUsed = Math.min(...running.map((worker) => worker.usedShare()));
      const used = (leastUsed + (waiting * expectedLoadPerSession) / running.length) / mediaProcessLimits.workerLoadMax;
      return sendsMaxBps === null ? used : Math.max(used, (viewers * bpsPerViewer) / sendsMaxBps);
    },
    perViewer(): number {
      const workers = Math.max(1, sfu.running()?.workers.running().length ?? 1);
      const used = expectedLoadPerSession / workers / mediaProcessLimits.workerLoadMax;
      return sendsMaxBps === null ? used : Math.max(used, bpsPerViewer / sendsMaxBps);
    },
  };

  function look(rooms: readonly Room[]): void {
    lookedAtMs = nowMs();
    const viewers = rooms.flatMap((room) => [...room.sessions().values()].filter(isViewer));
    const settled = viewers.filter((viewer) => isSent(viewer) && flowing.has(viewer));
    for (const viewer of viewers) flowing[isSent(viewer) ? 'add' : 'delete'](viewer);
    viewersThen = viewers.length;
    waitingThen = viewers.length - settled.length;
    if (sendsMaxBps !== null && settled.length > 0) void measure(someOf(settled, viewersAskedMax));
  }

  async function measure(viewers: readonly Session[]): Promise<void> {
    const read = await readInTime(Promise.all(viewers.map(sentTo)));
    const known = (read ?? []).filter((bps) => bps !== null);
    if (known.length > 0) bpsPerViewer = known.reduce((sum, bps) => sum + bps, 0) / known.length;
  }
}

const isViewer = ({ direction }: Session): boolean => direction === 'watch';

const isSent = ({ consumers }: Session): boolean =>
  [...consumers.values()].some(({ paused, producerPaused }) => !paused && !producerPaused);

/** Null of one who has just gone. */
async function sentTo({ transport }: Session): Promise<number | null> {
  const [stats] = await transport.getStats().catch(() => []);
  return stats?.sendBitrate ?? null;
}
