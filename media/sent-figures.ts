import type { Consumer } from 'mediasoup/types';
import type { MediaKind } from '../shared/protocol/media.ts';
import type { Room } from './room/room.ts';
import { isWatching, type Session } from './room/session.ts';
import { readInTime } from './stats.ts';

/** What all viewers of a room are sent. Packets of whom this is the first look at are not known yet. */
export type Sent = { roomId: string; kind: MediaKind; bitsPerSecond: number; packetsPerSecond: number };
type Seen = { packets: number; atMs: number };

/** Viewers asked about in one look, in all rooms, or one of each room where there are more: each is a question to a worker for each stream. A room with more is told from some. */
export const viewersAskedMax = 250;

/** Reads what viewers are sent: of all of them in small rooms, of some in large ones, for whom the others then count too. */
export function createSentFigures() {
  /** At the look before. */
  const seen = new WeakMap<Consumer, Seen>();

  return async function look(rooms: readonly Room[]): Promise<Sent[]> {
    const askedMax = Math.max(1, Math.floor(viewersAskedMax / rooms.length));
    return (await Promise.all(rooms.map((room) => sentIn(room, askedMax)))).flat();
  };

  /** Nothing of a room whose worker does not answer in time. */
  async function sentIn(room: Room, askedMax: number): Promise<Sent[]> {
    const viewers = [...room.sessions().values()].filter(isWatching);
    const some = someOf(viewers, askedMax);
    const streams = some.flatMap(({ consumers }) => [...consumers.values()]);
    const read = await readInTime(Promise.all(streams.map(sentOver)));
    const each = viewers.length / some.length;
    return Object.entries(Object.groupBy(read ?? [], ({ kind }) => kind)).map(([kind, of]) => ({
      roomId: room.roomId,
      kind: kind as MediaKind,
      bitsPerSecond: each * of.reduce((sum, { bitsPerSecond }) => sum + bitsPerSecond, 0),
      packetsPerSecond: each * of.reduce((sum, { packetsPerSecond }) => sum + packetsPerSecond, 0),
    }));
  }

  async function sentOver(consumer: Consumer) {
    const { kind } = consumer;
    const stats = await consumer.getStats().catch(() => []); // It has just ended.
    const sent = stats.find(({ type }) => type === 'outbound-rtp');
    if (!sent) return { kind, bitsPerSecond: 0, packetsPerSecond: 0 };
    const now = { packets: sent.packetCount, atMs: sent.timestamp };
    const before = seen.get(consumer) ?? now;
    seen.set(consumer, now);
    const overMs = now.atMs - before.atMs;
    const packetsPerSecond = overMs > 0 ? ((now.packets - before.packets) * 1_000) / overMs : 0;
    return { kind, bitsPerSecond: sent.bitrate, packetsPerSecond };
  }
}

/** As a rule the same as at the look before, however many came and went since. */
export function someOf<S extends Pick<Session, 'number'>>(viewers: readonly S[], max: number): readonly S[] {
  let every = 1;
  while (viewers.length / every > max) every *= 2;
  const some = viewers.filter(({ number }) => number % every === 0);
  return (some.length > 0 ? some : viewers).slice(0, max);
}
