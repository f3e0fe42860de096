-- Up Migration

-- What a request said, so that its key can't be used for something else. Null: added before this was kept.
ALTER TABLE addresses ADD COLUMN request_hash bytea;
