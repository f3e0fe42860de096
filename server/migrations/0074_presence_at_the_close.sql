-- Up Migration

-- Where the rules ask for presence: who was there at the close, a bit for each entry, the first entry in the lowest bit of the first byte.
-- Written before the draw and never again, so that neither a lost Redis nor a late draw makes anybody absent.
ALTER TABLE giveaways ADD COLUMN present bytea CHECK (present IS NULL OR root IS NOT NULL);

-- The counts are told once more when no prize can be claimed any more: who bought with a right, or after entering, shows only then.
ALTER TABLE giveaways ADD CHECK (NOT told @> ARRAY['settled'] OR state = 'drawn');
UPDATE giveaways SET told = array_append(told, 'settled') WHERE state = 'drawn';
CREATE INDEX giveaways_unsettled ON giveaways (next_step_at) WHERE state = 'drawn' AND NOT told @> ARRAY['settled'];
DROP INDEX giveaways_uncounted;
