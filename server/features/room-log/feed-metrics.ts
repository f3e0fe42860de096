import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../../platform/metrics.ts';

/** What feeds count of themselves. */
export type FeedCounts = {
  /** A frame left for so many members, with so many entries, and so many left out. */
  frame(members: number, entries: number, omitted: number): void;
};

/** Frames, deliveries and omissions of this gateway, and how many rooms and members it serves. */
export function createFeedMetrics(metrics: Metrics, served: () => { rooms: number; members: number }): FeedCounts {
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `nightmarket_room_${name}_total`, help, registers: [metrics] });
  const frames = counter('frames', 'Frames built.');
  const deliveries = counter('deliveries', 'Entries times members they were written to.');
  const omitted = counter('omitted', 'Entries left out of frames for everybody: chat above the cap, or taken back.');
  new Gauge({
    name: 'nightmarket_rooms_served',
    help: 'Rooms this gateway serves, and sockets in them.',
    labelNames: ['what'],
    registers: [metrics],
    collect() {
      const { rooms, members } = served();
      this.set({ what: 'rooms' }, rooms);
      this.set({ what: 'members' }, members);
    },
  });

  return {
    frame(members, entries, left) {
      frames.inc();
      deliveries.inc(members * entries);
      if (left > 0) omitted.inc(left);
    },
  };
}
