import type { Producer, Router, RouterRtpCodecCapability } from 'mediasoup/types';
import type { MediaWorker } from '../workers.ts';

/**
 * One router of a room, on one worker, in one dialect. Publishers send to the home leg; any other leg gets each stream
 * from there by one pipe. All pipes start at home, so a packet reaches a leg once and there is no loop to be had.
 */
export type Leg = {
  name: string;
  dialect: string;
  mediaWorker: MediaWorker;
  router: Router;
  /** The stream of a producer of the home router as it can be consumed here. Null when it has ended meanwhile. */
  streamOf(producer: Producer, home: Router): Promise<Producer | null>;
};

type Needs = {
  name: string;
  dialect: string;
  mediaWorker: MediaWorker;
  codecs: readonly RouterRtpCodecCapability[];
};

export async function createLeg({ name, dialect, mediaWorker, codecs }: Needs): Promise<Leg> {
  const router = await mediaWorker.worker.createRouter({ mediaCodecs: structuredClone([...codecs]) });
  const pipes = new Map<string, Promise<Producer | null>>();

  return {
    name,
    dialect,
    mediaWorker,
    router,
    streamOf(producer, home) {
      if (home === router) return Promise.resolve(producer.closed ? null : producer);
      const known = pipes.get(producer.id);
      if (known) return known;
      const piped = pipe(home, producer);
      pipes.set(producer.id, piped);
      producer.observer.once('close', () => pipes.delete(producer.id));
      return piped;
    },
  };

  async function pipe(from: Router, producer: Producer): Promise<Producer | null> {
    // A new id: one worker can't have two producers of the same id, and both routers may be on one.
    const options = { producerId: producer.id, router, keepId: false, enableSctp: false };
    const { pipeProducer } = await from.pipeToRouter(options).catch((error: unknown) => {
      pipes.delete(producer.id);
      if (producer.closed || from.closed || router.closed) return { pipeProducer: null };
      throw error;
    });
    return pipeProducer ?? null;
  }
}
