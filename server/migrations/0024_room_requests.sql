-- Up Migration

-- Fingerprint of the request that made a room: its key with another one is refused.
ALTER TABLE rooms ADD COLUMN request_hash bytea;
