-- Up Migration

-- An address that did not answer in time is left alone until then. Null: it is not resting.
ALTER TABLE outgoing_endpoints ADD COLUMN rests_until timestamptz;
