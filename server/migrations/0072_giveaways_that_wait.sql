-- Up Migration

-- When the next step comes: a giveaway that waits for its round, or whose step failed, goes behind those that can go on.
ALTER TABLE giveaways ADD COLUMN next_step_at timestamptz NOT NULL DEFAULT '-infinity';

-- The counts are told after the result, and looked for on their own.
CREATE INDEX giveaways_uncounted ON giveaways (closes_at) WHERE state = 'drawn' AND NOT told @> ARRAY['counted'];

-- Everybody in a room asks for their own place; a draw has up to twenty thousand.
CREATE INDEX giveaway_places_own ON giveaway_places (giveaway_id, person_id);
