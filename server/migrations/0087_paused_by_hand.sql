-- Up Migration

-- A pause that a person asked for ends when a person says so; one that a lost stream made ends when a stream comes.
-- A show that goes on by hand without a stream is given its time from then on, not from its first beginning.
ALTER TABLE rooms
  ADD COLUMN paused_by_hand boolean NOT NULL DEFAULT false,
  ADD COLUMN resumed_at     timestamptz;

DROP INDEX rooms_never_streamed;
CREATE INDEX rooms_by_hand ON rooms (greatest(started_at, resumed_at, stream_lost_at))
  WHERE kind = 'show' AND publisher_id IS NULL AND (state = 'live' OR state = 'paused' AND paused_by_hand);
