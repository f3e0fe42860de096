-- Up Migration

-- What a request said, so that its key can't be used for something else. Null: made before this was kept.
ALTER TABLE offers ADD COLUMN request_hash bytea;

-- Lines that ended lately.
CREATE INDEX offers_closed ON offers (closed_at) WHERE state = 'closed';
