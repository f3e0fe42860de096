import type { Consumer } from 'mediasoup/types';
import { mediaProcessLimits } from '../limits.ts';

/** Viewers of one picture who are ready, and wait for the next key frame. */
type Turn = {
  /** When it ends at the latest. */
  endsMs: number;
  /** When somebody was ready last. */
  latestMs: number;
  waiting: Consumer[];
};

/** More than this many waiting are a rush: its turns last while people come, and share one key frame each. */
const rushFrom = 20;
/** A turn of a rush behind another one ends after so long at the latest, ms, */
export const rushTurnMs = 1_200;
/** and the first one after so long: two turns hold a rush of a second on a core that needs longer for it, and nobody waits for all of it. */
const firstTurnMs = 600;
/** Nobody opened a session and nobody was ready for so long, ms: the rush is over. */
const quietMs = 200;
/** So many sessions opened within so many ms: others come right behind whoever is ready first. */
const crowdFrom = 5;
const crowdWithinMs = 200;

/**
 * When the pictures of viewers begin. A viewer can begin only with a key frame, and a key frame takes the bits of some twenty
 * other pictures, at the expense of what everybody sees. So viewers of a stream begin in turns of one key frame each: who
 * comes alone at once, who comes in a crowd or closely behind somebody else at the next turn. Sound begins at once.
 */
export function createStarts(nowMs: () => number) {
  /** By producer of the home router; only while viewers come. */
  const turns = new Map<string, Turn>();
  const started = new WeakSet<Consumer>();
  /** When the latest sessions of viewers were opened, `crowdFrom` at the most. */
  const opened: number[] = [];

  return {
    /** Somebody has come to watch, and will be ready in a moment. */
    comes(): void {
      opened.push(nowMs());
      if (opened.length > crowdFrom) opened.shift();
    },
    /** It flows, or will with the next turn. */
    has: (consumer: Consumer): boolean => started.has(consumer),
    /** Lets a consumer flow, now or with the next turn. False when that was done before. */
    start(consumer: Consumer, producerId: string): boolean {
      if (started.has(consumer)) return false;
      started.add(consumer);
      if (consumer.kind === 'audio') flow([consumer]);
      else startPicture(consumer, producerId);
      return true;
    },
  };

  function startPicture(consumer: Consumer, producerId: string): void {
    const turn = turns.get(producerId);
    if (turn) {
      turn.waiting.push(consumer);
      turn.latestMs = nowMs();
    } else if (isCrowd()) beginTurn(producerId, firstTurnMs, [consumer]);
    else flowAndTurn(producerId, [consumer]);
  }

  function flowAndTurn(producerId: string, consumers: Consumer[]): void {
    flow(consumers);
    beginTurn(producerId, rushTurnMs, []);
  }

  function beginTurn(producerId: string, longestMs: number, waiting: Consumer[]): void {
    const turn = { endsMs: nowMs() + longestMs, latestMs: nowMs(), waiting };
    turns.set(producerId, turn);
    setTimeout(end, mediaProcessLimits.keyFrameRequestEveryMs, producerId, turn);
  }

  function end(producerId: string, turn: Turn): void {
    const leftMs = Math.min(turn.endsMs, Math.max(turn.latestMs, opened.at(-1) ?? 0) + quietMs) - nowMs();
    if (turn.waiting.length > rushFrom && leftMs > 0) {
      setTimeout(end, leftMs, producerId, turn);
      return;
    }
    turns.delete(producerId);
    if (turn.waiting.length > 0) flowAndTurn(producerId, turn.waiting);
  }

  function isCrowd(): boolean {
    return opened.length === crowdFrom && nowMs() - opened[0]! <= crowdWithinMs;
  }
}

function flow(consumers: readonly Consumer[]): void {
  for (const consumer of consumers) consumer.resume().catch(() => undefined); // It has just ended.
}
