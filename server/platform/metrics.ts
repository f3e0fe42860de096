import { Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = Registry;

/** One registry per application, so that two applications in one test process do not share figures. */
export function createMetrics({ processFigures }: { processFigures: boolean }): Metrics {
  const registry = new Registry();
  if (processFigures) collectDefaultMetrics({ register: registry, prefix: 'nightmarket_' });
  return registry;
}
