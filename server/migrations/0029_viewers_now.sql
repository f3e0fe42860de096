-- Up Migration

-- How many watched when it was last saved: orders the list of live rooms.
ALTER TABLE room_audience ADD COLUMN viewers bigint NOT NULL DEFAULT 0 CHECK (viewers >= 0);
