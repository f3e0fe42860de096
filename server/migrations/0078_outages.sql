-- Up Migration

-- When prizes were last seen to. What winners have to claim in stands still while nobody is up: one row.
CREATE TABLE giveaway_beats (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  beat_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO giveaway_beats DEFAULT VALUES;
