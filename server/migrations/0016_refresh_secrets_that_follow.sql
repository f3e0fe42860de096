-- Up Migration

-- What replaces a refresh secret follows from it, so who asks twice needs no memory of the one before.
ALTER TABLE sessions DROP COLUMN last_refresh_hash;
