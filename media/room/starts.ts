import type { Consumer } from 'mediasoup/types';
import { mediaProcessLimits } from '../limits.ts';

/** Viewers of one picture who are ready, and wait for the next key frame. */
type Turn = { startedMs: number; waiting: Consumer[] };

/** More than this many waiting are a rush: they wait until `rushTurnMs`, and share one key frame. */
const rushFrom = 20;
export const rushTurnMs = 1_200;

/**
 * When the pictures of viewers begin. A viewer can begin only with a key frame, and a key frame takes the bits of some twenty
 * other pictures, at the expense of what everybody sees. So viewers of a stream begin in turns of one key frame each: who
 * comes alone at once, who comes closely behind somebody else at the next turn. Sound begins at once.
 */
export function createStarts(nowMs: () => number) {
  /** By producer of the home router; only while viewers come. */
  const turns = new Map<string, Turn>();
  const started = new WeakSet<Consumer>();

  return {
    /** It flows, or will with the next turn. */
    has: (consumer: Consumer): boolean => started.has(consumer),
    /** Lets a consumer flow, now or with the next turn. False when that was done before. */
    start(consumer: Consumer, producerId: string): boolean {
      if (started.has(consumer)) return false;
      started.add(consumer);
      const turn = consumer.kind === 'video' ? turns.get(producerId) : undefined;
      if (turn) turn.waiting.push(consumer);
      else beginWith(producerId, [consumer]);
      return true;
    },
  };

  function beginWith(producerId: string, consumers: Consumer[]): void {
    for (const consumer of consumers) consumer.resume().catch(() => undefined); // It has just ended.
    if (consumers.every(({ kind }) => kind === 'audio')) return;
    const turn = { startedMs: nowMs(), waiting: [] };
    turns.set(producerId, turn);
    setTimeout(end, mediaProcessLimits.keyFrameRequestEveryMs, producerId, turn);
  }

  function end(producerId: string, { startedMs, waiting }: Turn): void {
    const leftMs = startedMs + rushTurnMs - nowMs();
    if (waiting.length > rushFrom && leftMs > 0) {
      setTimeout(end, leftMs, producerId, { startedMs: 0, waiting });
      return;
    }
    turns.delete(producerId);
    if (waiting.length > 0) beginWith(producerId, waiting);
  }
}
