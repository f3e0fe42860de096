-- Up Migration

-- What Redis counts, saved every few seconds; exact once the room has ended.
CREATE TABLE room_audience (
  room_id      uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
  likes        bigint NOT NULL CHECK (likes >= 0),
  visitors     bigint NOT NULL CHECK (visitors >= 0),
  viewers_peak bigint NOT NULL CHECK (viewers_peak >= 0),
  saved_at     timestamptz NOT NULL DEFAULT now()
);
