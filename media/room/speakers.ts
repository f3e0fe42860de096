import type { AudioLevelObserver, Router } from 'mediasoup/types';
import type { MediaEvent } from '../../shared/media-link.ts';
import { mediaLimits } from '../../shared/protocol/media.ts';
import type { Published } from './published.ts';

type Needs = { roomId: string; tell(event: MediaEvent): void };

/** How often voices are compared, and below which level nobody speaks (0 is the loudest there is). */
const intervalMs = 500;
const thresholdDb = -60;

/**
 * Tells who speaks in a room, whenever that changes; by the levels that senders write beside their sound (RFC 6464). Of a program that
 * writes none (OBS, GStreamer) it is never told. At the first stream of a room nobody speaks: what was said of it before this process
 * was begun is over.
 */
export function createSpeakers({ roomId, tell }: Needs) {
  let observed: { router: Router; observer: Promise<AudioLevelObserver> } | null = null;
  const owners = new Map<string, string>();
  let told: string | null = null;

  return {
    /** Follows these streams from now on; those that have ended leave by themselves. */
    async follow(streams: readonly Published[]): Promise<void> {
      // An observer whose router goes with the last publisher says nothing more.
      if (!streams.some(({ kind, ownerId }) => kind === 'audio' && told?.split(' ').includes(ownerId))) say([]);
      for (const { producer, ownerId, kind, home } of streams) {
        if (kind !== 'audio' || owners.has(producer.id)) continue;
        owners.set(producer.id, ownerId);
        producer.observer.once('close', () => owners.delete(producer.id));
        const observer = await observerOn(home.router);
        if (!producer.closed) await observer.addProducer({ producerId: producer.id });
      }
    },
  };

  /** A room that came up again after its worker had died has another home router. */
  function observerOn(router: Router): Promise<AudioLevelObserver> {
    if (observed?.router !== router) observed = { router, observer: observe(router) };
    return observed.observer;
  }

  async function observe(router: Router): Promise<AudioLevelObserver> {
    const maxEntries = mediaLimits.publishersMax;
    const observer = await router.createAudioLevelObserver({
      maxEntries,
      threshold: thresholdDb,
      interval: intervalMs,
    });
    observer.on('volumes', (volumes) =>
      say(volumes.map(({ producer, volume }) => ({ ownerId: owners.get(producer.id) ?? '', levelDb: volume }))),
    );
    observer.on('silence', () => say([]));
    return observer;
  }

  function say(speakers: { ownerId: string; levelDb: number }[]): void {
    const now = speakers.map(({ ownerId }) => ownerId).join(' ');
    if (now === told) return;
    told = now;
    tell({ type: 'speakers', roomId, speakers });
  }
}
