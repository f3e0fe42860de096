import type { Producer, ProducerStat } from 'mediasoup/types';

/** mediasoup itself waits for a worker for ever. */
const statsWithinMs = 1_000;

/** What came over these producers so far. Null from a worker that does not answer in time: it holds up no other. */
export async function statsOf(producers: Iterable<Producer>): Promise<ProducerStat[] | null> {
  const read = Promise.all(Array.from(producers, (producer) => producer.getStats().catch(() => [])));
  return (await readInTime(read))?.flat() ?? null;
}

/** Null when a worker does not answer in time. */
export async function readInTime<T>(read: Promise<T>, withinMs = statsWithinMs): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, withinMs, null);
  const stats = await Promise.race([read, late.promise]);
  clearTimeout(timer);
  return stats;
}
