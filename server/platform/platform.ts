import type { Clock } from './clock.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Periodic, Role } from './periodic.ts';
import type { Db } from './postgres.ts';
import type { RedisClients } from './redis.ts';

/** What every feature gets to build on. Made once, in server/app. */
export type Platform = {
  log: Log;
  db: Db;
  /** Connections for writing orders alone: whatever else PostgreSQL is asked, no order waits behind it for a connection. */
  orderDb: Db;
  redis: RedisClients;
  metrics: Metrics;
  lifecycle: Lifecycle;
  nowMs: Clock;
  roles: ReadonlySet<Role>;
  /** Starts repeating work; see Periodic. */
  every(work: Periodic): void;
};
