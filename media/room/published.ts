import type { Producer, RtpCodecParameters } from 'mediasoup/types';
import type { MediaKind, Publisher } from '../../shared/protocol/media.ts';
import type { Leg } from './leg.ts';

/** A stream of a publisher, as others can watch it. */
export type Published = { producer: Producer; ownerId: string; kind: MediaKind; home: Leg };

const known = new WeakMap<Producer, readonly RtpCodecParameters[]>();

/** What the stream is sent as to whoever watches. It stays the same as long as the stream; mediasoup copies it for everybody who asks. */
export function codecsOf({ producer }: Pick<Published, 'producer'>): readonly RtpCodecParameters[] {
  const codecs = known.get(producer) ?? producer.consumableRtpParameters.codecs;
  known.set(producer, codecs);
  return codecs;
}

/** Who sends these streams. */
export function publishersOf(streams: readonly Published[]): Publisher[] {
  return Object.entries(Object.groupBy(streams, ({ ownerId }) => ownerId)).map(([personId, own = []]) => ({
    personId,
    kinds: own.map(({ kind }) => kind),
    muted: own.filter(({ producer }) => producer.paused).map(({ kind }) => kind),
  }));
}
