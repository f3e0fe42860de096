-- Up Migration

-- Processes that work on jobs, and when each was last heard of: the jobs of one that is silent are done by another.
CREATE TABLE job_queues (
  queue_id text PRIMARY KEY,
  seen_at  timestamptz NOT NULL
);
