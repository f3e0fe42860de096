import { setNewest } from '../newest.ts';
import type { Consumed, Unplayable } from '../protocol/media.ts';

/** Streams of one kind from one publisher that this browser refused, after which it is offered none: each may cost all others a new session. */
const refusedMax = 3;
/**
 * Remembered: as many streams as a room has, and kinds of as many publishers. Beyond: the oldest is offered once more. Numbers and not
 * `mediaLimits`, which stand beside schemas that pages don't carry.
 */
const [streamsMax, kindsMax] = [12, 8];

/** Streams that this browser did not take, for whatever reason: the others of the room are not to be lost with them. */
export function createRefusedStreams() {
  const streams = new Map<string, Unplayable>();
  /** How many there were, by publisher and kind. */
  const counts = new Map<string, number>();
  const countOf = (stream: Consumed): number => counts.get(nameOf(stream)) ?? 0;

  return {
    add(stream: Consumed): void {
      note(stream);
      setNewest(counts, nameOf(stream), countOf(stream) + 1, kindsMax);
    },
    /** Whether it is not to be shown: it was refused, or too many before it were. */
    has(stream: Consumed): boolean {
      if (countOf(stream) >= refusedMax) note(stream);
      return streams.has(stream.producerId);
    },
    /** Ids of those that have not ended. */
    ids: (): string[] => [...streams.keys()],
    all: (): Unplayable[] => [...streams.values()],
    /** These have ended. */
    forget(producerIds: readonly string[]): void {
      for (const id of producerIds) streams.delete(id);
    },
  };

  function note({ producerId, publisherId, kind, rtpParameters }: Consumed): void {
    const { mimeType } = rtpParameters.codecs[0] as { mimeType?: unknown };
    setNewest(streams, producerId, { publisherId, kind, mimeType: String(mimeType) }, streamsMax);
  }
}

const nameOf = ({ publisherId, kind }: Consumed): string => `${publisherId} ${kind}`;
