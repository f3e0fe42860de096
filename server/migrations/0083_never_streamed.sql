-- Up Migration

-- Shows that were begun by hand and that nobody streams to: they are ended after a while.
CREATE INDEX rooms_never_streamed ON rooms (started_at)
  WHERE kind = 'show' AND state IN ('live', 'paused') AND publisher_id IS NULL AND stream_lost_at IS NULL;
