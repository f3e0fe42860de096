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
  /** The stream of a producer of the home router as it can be consumed here, over a pipe if need be. Null when it has ended meanwhile. */
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
      if (producer.closed) return Promise.resolve(null);
      if (home === router) return Promise.resolve(producer);
      const known = pipes.get(producer.id);
      if (known) return known;
      const piped = pipe(home, producer);
      pipes.set(producer.id, piped);
      return piped;
    },
  };

  /** A pipe that is gone is forgotten, whether its stream has ended or goes on: whoever asks then gets another one. */
  async function pipe(from: Router, producer: Producer): Promise<Producer | null> {
    // A new id: one worker can't have two producers of the same id, and both routers may be on one.
    const options = { producerId: producer.id, router, keepId: false, enableSctp: false };
    try {
      const { pipeProducer } = await from.pipeToRouter(options);
      if (pipeProducer!.closed) pipes.delete(producer.id);
      else pipeProducer!.observer.once('close', () => pipes.delete(producer.id));
      return pipeProducer!;
    } catch (error) {
      pipes.delete(producer.id);
      if (producer.closed || from.closed || router.closed) return null;
      throw error;
    }
  }
}
