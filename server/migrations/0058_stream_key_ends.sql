-- Up Migration

-- Why what was last sent with a key is sent no more: { reason, atMs }. Encoders show their user little of what they are told.
ALTER TABLE stream_keys ADD COLUMN last_end jsonb;
