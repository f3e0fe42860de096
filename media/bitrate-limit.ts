import { AppError } from '../shared/errors.ts';
import { setNewest } from '../shared/newest.ts';
import { mediaProcessLimits } from './limits.ts';
import type { MediaLog } from './log.ts';
import type { Session } from './room/session.ts';

type Needs = { nowMs: () => number; log: MediaLog; publisherBitrateMaxBps: number };
type Publisher = Pick<Session, 'roomId' | 'ownerId'>;
/** What one publisher has sent in one room since `sinceMs`, over however many sessions in a row. */
type Sent = { sessionId: string; sessionBytes: number; bytes: number; sinceMs: number };

const { publisherBitrateSlack, publisherBitrateOverMs, publisherPauseMs, publishersWatchedMax } = mediaProcessLimits;

/**
 * Ends publishers who go on sending far more than they may, and lets them in again after a pause. Congestion control tells every
 * sender how much that is, but it is only a request: what a sender with a mind of its own sends would be sent on to every viewer. And
 * most of those begin again by themselves at once, with what they sent before.
 */
export function createBitrateLimit({ nowMs, log, publisherBitrateMaxBps }: Needs) {
  const sentBy = new Map<string, Sent>();
  const pausedUntilMs = new Map<string, number>();

  return {
    /** @throws AppError RATE_LIMITED who was cut off a moment ago */
    admit(publisher: Publisher): void {
      const retryAfterMs = (pausedUntilMs.get(keyOf(publisher)) ?? 0) - nowMs();
      if (retryAfterMs > 0)
        throw new AppError('RATE_LIMITED', 'Far too much was sent: choose a lower bitrate and wait a moment.', {
          retryAfterMs: Math.ceil(retryAfterMs),
        });
    },
    /** @param sessionBytes received over this session so far */
    received(session: Session, sessionBytes: number): void {
      const sent = add(session, sessionBytes);
      const elapsedMs = nowMs() - sent.sinceMs;
      if (elapsedMs < publisherBitrateOverMs) return;
      const bitsPerSecond = (sent.bytes * 8_000) / elapsedMs;
      Object.assign(sent, { bytes: 0, sinceMs: nowMs() });
      if (bitsPerSecond > publisherBitrateMaxBps * publisherBitrateSlack) cutOff(session, bitsPerSecond);
    },
  };

  function add({ roomId, ownerId, sessionId }: Session, sessionBytes: number): Sent {
    const key = keyOf({ roomId, ownerId });
    const known = sentBy.get(key);
    // A stream that was replaced takes what came over it out of the sum: that takes nothing back.
    const goesOn = known?.sessionId === sessionId && sessionBytes >= known.sessionBytes;
    const before = goesOn ? known.sessionBytes : 0;
    // Of somebody new it is not known since when.
    const sent = known ?? { sessionId, sessionBytes, bytes: -sessionBytes, sinceMs: nowMs() };
    Object.assign(sent, { sessionId, sessionBytes, bytes: sent.bytes + sessionBytes - before });
    setNewest(sentBy, key, sent, publishersWatchedMax);
    return sent;
  }

  function cutOff(session: Session, bitsPerSecond: number): void {
    const { roomId, ownerId } = session;
    log.warn(
      { roomId, ownerId, bitsPerSecond: Math.round(bitsPerSecond) },
      'a publisher sends too much and is cut off',
    );
    setNewest(pausedUntilMs, keyOf(session), nowMs() + publisherPauseMs, publishersWatchedMax);
    session.close('too-much-sent');
  }
}

const keyOf = ({ roomId, ownerId }: Publisher): string => `${roomId} ${ownerId}`;
