import type { Redis } from 'ioredis';
import { Aggregates } from '../../../shared/protocol/room.ts';
import { parseLine, type LogEntry } from './log-line.ts';
import { feedChannel } from './log-store.redis.ts';

/** What other processes tell about a room that this gateway serves. */
export type FeedListener = {
  onBatch(roomId: string, epoch: string, entries: LogEntry[]): void;
  onAggregates(roomId: string, values: Aggregates): void;
  onSignal(roomId: string, name: string, text: string): void;
  /** Messages may have been missed while the connection was away. */
  onGap(): void;
};

export type FeedChannel = ReturnType<typeof createFeedChannel>;

/** Batches of the rooms this gateway serves, and of no others. */
export function createFeedChannel(subscriber: Redis, listener: FeedListener) {
  const rooms = new Map<string, string>();
  let connectedBefore = subscriber.status === 'ready';

  const onMessage = (channel: string, message: string): void => {
    const roomId = rooms.get(channel);
    if (roomId) receive(roomId, message);
  };
  const onReady = (): void => {
    if (connectedBefore) listener.onGap();
    connectedBefore = true;
  };
  subscriber.on('message', onMessage);
  subscriber.on('ready', onReady);

  return {
    async subscribe(roomId: string): Promise<void> {
      rooms.set(feedChannel(roomId), roomId);
      await subscriber.subscribe(feedChannel(roomId));
    },
    async unsubscribe(roomId: string): Promise<void> {
      rooms.delete(feedChannel(roomId));
      await subscriber.unsubscribe(feedChannel(roomId));
    },
  };

  function receive(roomId: string, message: string): void {
    const [mark, epoch, first, ...lines] = message.split('\n');
    if (mark === 'a') return listener.onAggregates(roomId, Aggregates.parse(JSON.parse(epoch!)));
    if (mark === 's') return listener.onSignal(roomId, epoch!, first!);
    const from = Number(first);
    const entries = lines.map((line, i) => Object.assign(parseLine(line), { offset: from + i }));
    listener.onBatch(roomId, epoch!, entries);
  }
}
