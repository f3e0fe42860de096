import type { Consumer } from 'mediasoup/types';
import { readInTime } from '../stats.ts';

type Needs = {
  /** What goes over the pipe. */
  consumers: ReadonlyMap<string, Pick<Consumer, 'getStats'>>;
  /** So many beats in a row. Default 20, which are 8 s: an edge reports of a picture every 1.5 s at least, of sound every 6 s. */
  unansweredMax?: number | undefined;
};
/** Bytes so far, of RTP and of anything. */
type Passed = { sent: number; received: number };

export type ReturnWatch = ReturnType<typeof createReturnWatch>;

/**
 * Tells a pipe from whose other end nothing comes back. Streams go on over it, but nobody there gets a key frame that they ask for, or a packet
 * that was lost. Where nothing was ever understood, what comes is not counted: it may come from another port than was agreed on, as
 * behind a NAT, and is thrown away.
 */
export function createReturnWatch({ consumers, unansweredMax = 20 }: Needs) {
  let before: Passed = { sent: 0, received: 0 };
  let isUnderstood = false;
  /** Beats in which something was sent since something came. */
  let unanswered = 0;

  return {
    /** To be asked with each beat. */
    async isDead(now: Passed): Promise<boolean> {
      isUnderstood ||= await isAnyReported();
      if (isUnderstood && now.received > before.received) unanswered = 0;
      else if (now.sent > before.sent) unanswered += 1;
      before = now;
      return unanswered >= unansweredMax;
    },
  };

  /** Whether a report or a request of the other end has been read. */
  async function isAnyReported(): Promise<boolean> {
    const asked = Array.from(consumers.values(), (consumer) => consumer.getStats().catch(() => []));
    const stats = (await readInTime(Promise.all(asked)))?.flat() ?? [];
    return stats
      .filter(({ type }) => type === 'outbound-rtp')
      .some(
        ({ roundTripTime = 0, jitter, fractionLost, pliCount }) => roundTripTime + jitter + fractionLost + pliCount > 0,
      );
  }
}
