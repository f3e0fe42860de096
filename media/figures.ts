import type { ProducerStat } from 'mediasoup/types';
import { Gauge, type Registry } from 'prom-client';
import { viewerLoses } from './loss-ladder.ts';
import { statsOf } from './stats.ts';
import type { Room } from './room/room.ts';
import { createSentFigures } from './sent-figures.ts';
import type { Sfu } from './sfu.ts';

type Received = { roomId: string; stats: ProducerStat[] };

/** Prometheus figures of the media server, read when they are asked for. Rooms are bounded, so their label is too. */
export function serveMediaFigures(registry: Registry, sfu: Sfu): void {
  const registers = [registry];
  const received = askedOnce(() => Promise.all([...rooms()].map(receivedBy)));
  const lookAtSent = createSentFigures();
  const sent = askedOnce(() => lookAtSent([...rooms()]));
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => unknown): Gauge =>
    new Gauge({
      name: `nightmarket_media_${name}`,
      help,
      labelNames,
      registers,
      async collect() {
        this.reset();
        await collect(this);
      },
    });

  gauge('workers', 'mediasoup workers that run.', [], (each) => each.set(sfu.running()?.workers.running().length ?? 0));
  gauge('worker_restarts', 'Workers started again because one had died.', [], (each) =>
    each.set(sfu.running()?.workers.restarts() ?? 0),
  );
  gauge('worker_load', 'Share of a core a worker uses, 0 to 1.', ['worker'], (each) => {
    for (const { index, usedShare } of sfu.running()?.workers.running() ?? []) each.set({ worker: index }, usedShare());
  });
  gauge('half_open', 'Sessions whose client has not finished its handshake.', [], (each) =>
    each.set(sfu.running()?.rooms.halfOpen() ?? 0),
  );
  gauge('sessions', 'Media sessions of a room.', ['room', 'direction'], (each) => {
    for (const room of rooms()) {
      for (const { direction } of room.sessions().values()) each.inc({ room: room.roomId, direction });
    }
  });
  gauge('losing', 'Viewers of a room who lose much of what is sent to them.', ['room'], (each) => {
    for (const room of rooms()) {
      const losing = [...room.sessions().values()].filter(({ consumers }) => [...consumers.values()].some(viewerLoses));
      each.set({ room: room.roomId }, losing.length);
    }
  });
  gauge('routers', 'Routers of a room: one, and more for load and other payload types.', ['room'], (each) => {
    for (const room of rooms()) each.set({ room: room.roomId }, room.legs());
  });
  gauge('received_bits_per_second', 'What the publishers of a room send.', ['room', 'kind'], async (each) => {
    for (const { roomId, stats } of await received()) {
      for (const { kind, bitrate } of stats) each.inc({ room: roomId, kind }, bitrate);
    }
  });
  gauge(
    'received_lost_packets',
    'Packets of the publishers of a room that were lost on the way here.',
    ['room'],
    async (each) => {
      for (const { roomId, stats } of await received()) {
        each.set(
          { room: roomId },
          stats.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
        );
      }
    },
  );

  gauge('sent_bits_per_second', 'What all viewers of a room are sent.', ['room', 'kind'], async (each) => {
    for (const { roomId, kind, bitsPerSecond } of await sent()) each.set({ room: roomId, kind }, bitsPerSecond);
  });
  gauge(
    'sent_packets_per_second',
    'The same in packets, since the look before; 0 at the first one.',
    ['room', 'kind'],
    async (each) => {
      for (const { roomId, kind, packetsPerSecond } of await sent()) each.set({ room: roomId, kind }, packetsPerSecond);
    },
  );

  function rooms(): Iterable<Room> {
    return sfu.running()?.rooms.all() ?? [];
  }
}

/** Asked once for all figures of one look. */
function askedOnce<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | null = null;
  return () => (asking ??= ask().finally(() => (asking = null)));
}

/** Nothing of a room whose worker does not answer in time. */
async function receivedBy(room: Room): Promise<Received> {
  const stats = await statsOf(room.published().map(({ producer }) => producer));
  return { roomId: room.roomId, stats: stats ?? [] };
}
