import { Gauge, type Registry } from 'prom-client';
import type { EdgeState, SfuWithEdges } from './edges.ts';

/** Prometheus figures of the media servers that carry viewers for this one, read when they are asked for. Each has its own as well. */
export function serveEdgeFigures(registry: Registry, sfu: SfuWithEdges): void {
  const gauge = (name: string, help: string, read: (edge: EdgeState) => number): Gauge =>
    new Gauge({
      name: `nightmarket_media_edge_${name}`,
      help,
      labelNames: ['edge'],
      registers: [registry],
      collect() {
        for (const edge of sfu.edges()) this.set({ edge: new URL(edge.url).host }, read(edge));
      },
    });

  gauge('up', 'Whether a further media server answers: 1 or 0.', ({ isUp }) => Number(isUp));
  gauge('sessions', 'Sessions that watch at a further media server.', ({ sessions }) => sessions);
  gauge('rooms', 'Rooms that are relayed to a further media server.', ({ rooms }) => rooms);
}
