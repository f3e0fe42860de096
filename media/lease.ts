import type { Sfu } from './sfu.ts';

/**
 * Longer than gateways take to be updated or restarted, all of them. They ask every 2 s whether people still may do what they do here,
 * and each minute in any case (server/features/stream/sfu.http.ts); once nobody asks any more, a revoked key or a ban would hold for
 * nobody, without an end.
 */
const leaseMs = 5 * 60_000;

export type Lease = ReturnType<typeof createLease>;

/** Ends all sessions of a media process that no gateway asks about any more. */
export function createLease({ sfu, nowMs }: { sfu: Pick<Sfu, 'running' | 'rooms' | 'endAll'>; nowMs: () => number }) {
  let askedAtMs = nowMs();
  return {
    asked: (): unknown => (askedAtMs = nowMs()),
    /** To be called now and then. */
    async look(): Promise<void> {
      if (nowMs() - askedAtMs < leaseMs) return;
      if (!sfu.running()) return;
      // As after a fault: whoever may will be let in again.
      const failures: unknown[] = [];
      for (const { roomId } of (await sfu.rooms({})).rooms)
        await sfu.endAll({ roomId, reason: 'lost' }).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}
