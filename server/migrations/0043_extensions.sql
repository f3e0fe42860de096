-- Up Migration

-- More time is given once when a payment begins (extended) and once when its provider says that it is in progress.
ALTER TABLE orders ADD COLUMN extended_in_progress boolean NOT NULL DEFAULT false;
