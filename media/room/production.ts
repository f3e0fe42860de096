import { isDeepStrictEqual } from 'node:util';
import type { Producer, RtpParameters } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import { mediaLimits, type MediaKind } from '../../shared/protocol/media.ts';
import { mediaProcessLimits } from '../limits.ts';
import type { Mutes } from './mutes.ts';
import type { Session } from './session.ts';

/** What a publisher wants to send. `source`: where it comes from, by a name of theirs; none, when each is another one. */
export type Wanted = { kind: MediaKind; rtpParameters: RtpParameters; source?: string | undefined };

type Needs = {
  mutes: Mutes;
  /** A session sends something new, and none of the producers in `gone` any more. */
  onChange: (session: Session, gone: string[]) => void;
};

/** What is sent from one source now, or is on its way. */
type Sent = { wanted: Wanted; producer: Promise<Producer> };

/**
 * Takes what publishers send: so many streams of each at the most, one from each source, and none that is heard while it must not
 * be. Of the same source the same again is the same stream: its answer was lost. Anything else from there takes its place: the
 * publisher has given the earlier one up, maybe without having heard of it, and nothing will ever come over it.
 *
 * @throws AppError BAD_INPUT for sound with codecs of pictures, CONFLICT for one stream too many, NOT_FOUND when the session has ended
 *   meanwhile
 */
export function createProduction({ mutes, onChange }: Needs) {
  /** Producers on their way, by session: they count as if they were there. */
  const coming = new WeakMap<Session, number>();
  /** By the name of the source; bounded by what a session may send. */
  const bySource = new WeakMap<Session, Map<string, Sent>>();

  return async function produce(session: Session, wanted: Wanted): Promise<Producer> {
    const { source } = wanted;
    refuseOtherKind(wanted);
    if (source === undefined) return produceCounted(session, wanted);
    const sources = bySource.get(session) ?? new Map<string, Sent>();
    bySource.set(session, sources);
    const before = sources.get(source);
    if (before && isDeepStrictEqual(before.wanted, wanted)) return before.producer;

    const sent: Sent = { wanted, producer: inPlaceOf(before, session, wanted) };
    sources.set(source, sent);
    const forget = (): void => {
      if (sources.get(source) === sent) sources.delete(source);
    };
    sent.producer.then(({ observer }) => observer.once('close', forget), forget);
    return sent.producer;
  };

  async function inPlaceOf(before: Sent | undefined, session: Session, wanted: Wanted): Promise<Producer> {
    const earlier = await before?.producer.catch(() => null);
    if (earlier && session.producers.delete(earlier.id)) {
      earlier.close();
      onChange(session, [earlier.id]);
    }
    return produceCounted(session, wanted);
  }

  async function produceCounted(session: Session, wanted: Wanted): Promise<Producer> {
    const now = coming.get(session) ?? 0;
    if (session.producers.size + now >= mediaLimits.producersPerSessionMax)
      throw new AppError('CONFLICT', 'One publisher sends no more streams than that.', { reason: 'too-many' });
    coming.set(session, now + 1);
    try {
      return await produceOne(session, wanted);
    } finally {
      coming.set(session, coming.get(session)! - 1);
    }
  }

  async function produceOne(session: Session, { kind, rtpParameters }: Wanted): Promise<Producer> {
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
    onChange(session, []);
    return producer;
  }
}

/** mediasoup takes it, and no viewer can: a browser that is given such a stream shows nothing of the others either. */
function refuseOtherKind({ kind, rtpParameters: { codecs } }: Wanted): void {
  const isOfKind = ({ mimeType }: { mimeType?: unknown }): boolean =>
    typeof mimeType === 'string' && mimeType.toLowerCase().startsWith(`${kind}/`);
  if (!codecs.every(isOfKind)) throw new AppError('BAD_INPUT', `A stream of ${kind} has codecs of ${kind} alone.`);
}
