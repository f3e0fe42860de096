-- Up Migration

-- When the warning was given: points go a day after it, not before.
ALTER TABLE fan_memberships ADD COLUMN warned_at timestamptz;
UPDATE fan_memberships SET warned_at = now() WHERE warned;
