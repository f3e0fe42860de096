-- Up Migration

-- Of the call that pinned it last: a call that is sent again after the pin gave way does not pin it again.
ALTER TABLE offers ADD COLUMN pin_key text;
