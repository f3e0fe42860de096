import { mediaProcessLimits } from './limits.ts';
import type { MediaLog } from './log.ts';
import type { Session } from './room/session.ts';

type Needs = { nowMs: () => number; log: MediaLog; publisherBitrateMaxBps: number };
/** What a publisher had sent when somebody last looked. */
type Mark = { bytes: number; atMs: number };

const { publisherBitrateSlack, publisherBitrateOverMs } = mediaProcessLimits;

/**
 * Ends publishers who go on sending far more than they may. Congestion control tells every sender how much that is, but it is
 * only a request: what a sender with a mind of its own sends would be sent on to every viewer.
 */
export function createBitrateLimit({ nowMs, log, publisherBitrateMaxBps }: Needs) {
  const marks = new WeakMap<Session, Mark>();

  return {
    /** @param bytes received over this session so far */
    received(session: Session, bytes: number): void {
      const mark = marks.get(session);
      const now = { bytes, atMs: nowMs() };
      if (!mark) return void marks.set(session, now);
      const elapsedMs = now.atMs - mark.atMs;
      if (elapsedMs < publisherBitrateOverMs) return;
      marks.set(session, now);
      const bitsPerSecond = ((bytes - mark.bytes) * 8_000) / elapsedMs;
      if (bitsPerSecond <= publisherBitrateMaxBps * publisherBitrateSlack) return;
      const { roomId, ownerId } = session;
      log.warn(
        { roomId, ownerId, bitsPerSecond: Math.round(bitsPerSecond) },
        'a publisher sends too much and is cut off',
      );
      session.close('too-much-sent');
    },
  };
}
