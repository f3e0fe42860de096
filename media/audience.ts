import type { Consumer } from 'mediasoup/types';
import { isWatching, type Session } from './room/session.ts';

export type Audience = ReturnType<typeof createAudience>;

/**
 * All sessions of a media server, and which of them already cost what they will. Who is sent nothing costs nothing yet, and a whole
 * audience costs at once when its stream comes: so each counts at its worker as what they will cost (`MediaWorker.expect`) until that has
 * been measured, and again from when nothing comes any more.
 */
export function createAudience() {
  const sessions = new Set<Session>();
  /** Those over which something flowed at the latest look. */
  const flowing = new Set<Session>();
  /** Those over which something did at the look before, too: what they cost shows in what is measured. */
  const settled = new Set<Session>();
  let viewers = 0;

  return {
    comes(session: Session): void {
      sessions.add(session);
      if (isWatching(session)) viewers += 1;
    },
    goes(session: Session): void {
      if (!sessions.delete(session)) return;
      if (isWatching(session)) viewers -= 1;
      stops(session);
    },
    /** To be called no more often than workers are measured. */
    look(): void {
      for (const session of sessions) {
        if (!isFlowing(session)) stops(session);
        else if (flowing.has(session)) settle(session);
        else flowing.add(session);
      }
    },
    viewers: (): number => viewers,
    /** Those of them who have been sent something for a while. */
    settledViewers: (): Session[] => [...settled].filter(isWatching),
  };

  function settle(session: Session): void {
    if (settled.has(session)) return;
    settled.add(session);
    session.leg.mediaWorker.expect(-1);
  }

  function stops(session: Session): void {
    flowing.delete(session);
    if (settled.delete(session)) session.leg.mediaWorker.expect(1);
  }
}

const isFlowing = ({ direction, producers, consumers }: Session): boolean =>
  direction === 'publish' ? producers.size > 0 : [...consumers.values()].some(isSent);

const isSent = ({ paused, producerPaused }: Consumer): boolean => !paused && !producerPaused;
