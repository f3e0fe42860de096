import type { Producer, ProducerScore } from 'mediasoup/types';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { Published } from './published.ts';

type Needs = { roomId: string; tell(event: MediaEvent): void };

/** Of 10, as mediasoup counts over some seconds: past a twelfth of what was sent is lost, and was not sent again in time. */
const losesAt = 7;
/** From here the line is good again. Not right above the other: it would be said by turns. */
const holdsAt = 9;

/**
 * Tells whose line to the media server loses what they send, whenever that changes: nobody else sees it, as their own preview is whole.
 * At the first stream of a room it is told of nobody: what was said of it before this process was begun is over.
 */
export function createUplinks({ roomId, tell }: Needs) {
  const followed = new WeakSet<Producer>();
  /** Streams that lose, and whose they are. */
  const losing = new Map<Producer, string>();
  let told: string | null = null;

  return {
    /** Follows these streams from now on; those that have ended leave by themselves. */
    follow(streams: readonly Published[]): void {
      for (const { producer, ownerId } of streams) {
        if (followed.has(producer)) continue;
        followed.add(producer);
        producer.on('score', (scores) => judge(producer, ownerId, scores));
        producer.observer.once('close', () => losing.delete(producer) && say());
      }
      if (told === null && streams.length > 0) say();
    },
    losing: owners,
  };

  function judge(producer: Producer, ownerId: string, scores: readonly ProducerScore[]): void {
    const score = scoreOf(producer, scores);
    if (score === null) return;
    if (score <= losesAt) losing.set(producer, ownerId);
    else if (score >= holdsAt) losing.delete(producer);
    say();
  }

  function owners(): string[] {
    return [...new Set(losing.values())];
  }

  function say(): void {
    const ownerIds = owners();
    const now = ownerIds.join(' ');
    if (now === told) return;
    told = now;
    tell({ type: 'losing', roomId, ownerIds });
  }
}

/**
 * That of its worst layer. Of several pictures, one with 0 is not sent just now: browsers leave the large ones out when they have no
 * room for them. Null when that goes for all.
 */
function scoreOf({ rtpParameters }: Producer, scores: readonly ProducerScore[]): number | null {
  const isSimulcast = (rtpParameters.encodings ?? []).length > 1;
  const sent = scores.map(({ score }) => score).filter((score) => score > 0 || !isSimulcast);
  return sent.length > 0 ? Math.min(...sent) : null;
}
