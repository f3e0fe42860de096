-- Up Migration

-- When any gateway last could ask the media server: one that has lost the way there must not speak for all. One row.
CREATE TABLE media_seen (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  seen_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO media_seen DEFAULT VALUES;
