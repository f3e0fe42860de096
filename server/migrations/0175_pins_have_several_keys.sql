-- Up Migration

-- Of the calls that pinned it, the newest ones: one that is sent again does not pin it again, whoever pinned it in between.
ALTER TABLE offers ADD COLUMN pin_keys text[] NOT NULL DEFAULT '{}';
UPDATE offers SET pin_keys = ARRAY[pin_key] WHERE pin_key IS NOT NULL;
-- `pin_key` goes with a later version: a gateway of the one before still writes it.
