-- Up Migration

-- Two look-ups for each of two thousand places are a quarter of the time of a draw, and say what is known: places are written under the
-- lock of their giveaway, by a join with its entries, which nobody can change or delete; the writer counts that none is missing.
ALTER TABLE giveaway_places
  DROP CONSTRAINT giveaway_places_giveaway_id_fkey,
  DROP CONSTRAINT giveaway_places_giveaway_id_entry_number_fkey;
