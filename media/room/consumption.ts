import type { Consumer, RtpCapabilities } from 'mediasoup/types';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { Published } from './published.ts';
import type { Session } from './session.ts';

/** A stream on its way to one viewer. */
export type Consumption = { consumer: Consumer; stream: Published };

type Needs = {
  session: Session;
  stream: Published;
  rtpCapabilities: RtpCapabilities;
  tell(event: MediaEvent): void;
};

/** Makes a paused consumer; null when the session has it already, the client can't decode it, or it has just ended. */
export async function createConsumer({ session, stream, rtpCapabilities, tell }: Needs): Promise<Consumption | null> {
  const { producer, home } = stream;
  const isNeedless = (): boolean => session.closed || session.consumers.has(producer.id);
  if (session.consumers.has(producer.id)) return null;
  const here = await session.leg.streamOf(producer, home.router);
  if (!here || isNeedless()) return null;
  if (!session.leg.router.canConsume({ producerId: here.id, rtpCapabilities })) return null;

  const consumer = await session.transport.consume({ producerId: here.id, rtpCapabilities, paused: true });
  // Two requests may have got here at the same time: the first one keeps it. And mediasoup gives consumers of closed transports.
  if (isNeedless()) {
    consumer.close();
    return null;
  }
  session.consumers.set(producer.id, consumer);
  consumer.observer.once('close', () => session.consumers.delete(producer.id));
  if (consumer.kind === 'video') tellQuality(session, consumer, tell);
  return { consumer, stream };
}

function tellQuality({ roomId, sessionId }: Session, consumer: Consumer, tell: (event: MediaEvent) => void): void {
  const say = (): void =>
    tell({
      type: 'quality',
      roomId,
      sessionId,
      consumerId: consumer.id,
      score: consumer.score.score,
      spatialLayer: consumer.currentLayers?.spatialLayer ?? null,
    });
  consumer.on('score', say);
  consumer.on('layerschange', say);
}
