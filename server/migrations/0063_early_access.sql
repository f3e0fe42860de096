-- Up Migration

-- Fans of a level or above may buy this many seconds before everybody else. Both or neither; only an offer for all has it.
ALTER TABLE offers
  ADD COLUMN early_level_min int CHECK (early_level_min BETWEEN 1 AND 20),
  ADD COLUMN early_seconds int CHECK (early_seconds BETWEEN 5 AND 3600),
  ADD CONSTRAINT offers_early_access
    CHECK ((early_level_min IS NULL) = (early_seconds IS NULL) AND (early_seconds IS NULL OR audience = 'all'));
