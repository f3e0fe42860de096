import type { Producer, RtpParameters } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import { mediaLimits, type MediaKind } from '../../shared/protocol/media.ts';
import { mediaProcessLimits } from '../limits.ts';
import type { Mutes } from './mutes.ts';
import type { Session } from './session.ts';

/**
 * Takes what publishers send: so many streams of each at the most, and none that is heard while it must not be.
 *
 * @throws AppError CONFLICT for one stream too many, NOT_FOUND when the session has ended meanwhile
 */
export function createProduction(mutes: Mutes) {
  /** Producers on their way, by session: they count as if they were there. */
  const coming = new WeakMap<Session, number>();

  return async function produce(session: Session, kind: MediaKind, rtpParameters: RtpParameters): Promise<Producer> {
    const now = coming.get(session) ?? 0;
    if (session.producers.size + now >= mediaLimits.producersPerSessionMax)
      throw new AppError('CONFLICT', 'One publisher sends no more streams than that.', { reason: 'too-many' });
    coming.set(session, now + 1);
    try {
      return await produceOne(session, kind, rtpParameters);
    } finally {
      coming.set(session, coming.get(session)! - 1);
    }
  };

  async function produceOne(session: Session, kind: MediaKind, rtpParameters: RtpParameters): Promise<Producer> {
    const producer = await session.transport.produce({
      kind,
      rtpParameters,
      paused: mutes.has(session.ownerId, kind),
      keyFrameRequestDelay: mediaProcessLimits.keyFrameRequestEveryMs,
    });
    await mutes.apply(session.ownerId, producer); // Muted meanwhile: nobody could know of this stream yet.
    if (session.closed) {
      producer.close();
      throw new AppError('NOT_FOUND', 'This media session has ended.');
    }
    session.producers.set(producer.id, producer);
    return producer;
  }
}
