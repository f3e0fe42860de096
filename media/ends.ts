import type { SessionEnd } from '../shared/protocol/media.ts';
import { setNewest } from '../shared/newest.ts';

/** Ends that are remembered, the newest ones: all of a large show, and minutes of the usual coming and going. */
const endsMax = 50_000;

/** Why sessions have ended, for gateways to which the news could not get. */
export function createEnds() {
  const reasons = new Map<string, SessionEnd>();

  return {
    note(sessionId: string, reason: SessionEnd): void {
      setNewest(reasons, sessionId, reason, endsMax);
    },
    known: (sessionId: string): SessionEnd | undefined => reasons.get(sessionId),
    /** A session that nobody here remembers ended with the process that had it. */
    reasonOf: (sessionId: string): SessionEnd => reasons.get(sessionId) ?? 'worker-died',
  };
}
