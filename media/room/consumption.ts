import type { Consumer, Producer, RtpCapabilities } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { Published } from './published.ts';
import type { Session } from './session.ts';

/** A stream on its way to one viewer. */
export type Consumption = { consumer: Consumer; stream: Published };

type Needs = {
  session: Session;
  stream: Published;
  rtpCapabilities: RtpCapabilities;
  /** The section of the client's offer it belongs to; without one mediasoup counts by itself, as mediasoup-client expects. */
  mid?: string | undefined;
  /** Told how well the picture arrives, when somebody listens. */
  tell?: ((event: MediaEvent) => void) | undefined;
  /** The way to this viewer's leg has closed, and the stream goes on: it may be consumed anew, over another pipe. */
  onLost: (session: Session, consumer: Consumer) => void;
};

/** Scores change with every report of every viewer; more often nobody reads them. */
const qualityEveryMs = 1_000;
/** So often a pipe is asked for that closes just as somebody is to watch over it. */
const pipesMax = 3;

/**
 * The consumer of a stream, paused if it is new; null when the client can't decode it, or it has just ended.
 * @throws AppError RETRY when no pipe to the viewer's leg holds
 */
export async function createConsumer(needs: Needs): Promise<Consumption | null> {
  for (let pipes = 0; pipes < pipesMax; pipes++) {
    const made = await consumeOnce(needs);
    if (made !== 'pipe-closed') return made;
  }
  throw new AppError('RETRY', 'The streams of this room are changing.');
}

async function consumeOnce(needs: Needs): Promise<Consumption | null | 'pipe-closed'> {
  const { session, stream, rtpCapabilities, mid, tell } = needs;
  const { producer, home } = stream;
  const known = (): Consumption | null => {
    const consumer = session.consumers.get(producer.id);
    return consumer ? { consumer, stream } : null;
  };
  const isNeedless = (): boolean => session.closed || session.consumers.has(producer.id);
  if (isNeedless()) return known();
  const here = await session.leg.streamOf(producer, home.router);
  if (!here || isNeedless()) return known();
  if (isLost(here, needs)) return 'pipe-closed';
  const options = { producerId: here.id, rtpCapabilities, paused: true, ...(mid === undefined ? {} : { mid }) };
  const consumer = await session.transport.consume(options).catch((error: unknown) => {
    if (isLost(here, needs)) return 'pipe-closed' as const;
    if (here.closed && !session.closed) return null; // It has ended on the way: no fault of the session.
    if ((error as Error).name === 'UnsupportedError') return null; // Asked beforehand, mediasoup would match all codecs twice.
    throw error;
  });
  if (!consumer || consumer === 'pipe-closed') return consumer;
  // Two requests may have got here at the same time: the first one keeps it. And mediasoup gives consumers of closed transports.
  if (isNeedless()) {
    consumer.close();
    return known();
  }
  session.consumers.set(producer.id, consumer);
  consumer.observer.once('close', () => {
    session.consumers.delete(producer.id);
    if (isLost(here, needs)) needs.onLost(session, consumer);
  });
  if (consumer.kind === 'video' && tell) tellQuality(session, consumer, tell);
  return { consumer, stream };
}

/** The pipe has closed, and neither the stream at home nor this session has. */
const isLost = (here: Producer, { session, stream }: Needs): boolean =>
  here.closed && !stream.producer.closed && !session.transport.closed;

function tellQuality(
  { roomId, sessionId, gatewayId }: Session,
  consumer: Consumer,
  tell: (event: MediaEvent) => void,
): void {
  let resting: NodeJS.Timeout | undefined;
  let isNews = false;
  const say = (): void => {
    isNews = false;
    resting = setTimeout(rested, qualityEveryMs);
    tell({
      type: 'quality',
      roomId,
      sessionId,
      gatewayId,
      consumerId: consumer.id,
      score: consumer.score.score,
      spatialLayer: consumer.currentLayers?.spatialLayer ?? null,
    });
  };
  const rested = (): void => {
    resting = undefined;
    if (isNews) say();
  };
  const changed = (): void => {
    isNews = true;
    if (!resting) say();
  };
  consumer.on('score', changed);
  consumer.on('layerschange', changed);
  consumer.observer.once('close', () => clearTimeout(resting));
}
