-- Up Migration

-- What really arrived, like captured_minor: money in another currency than was asked for goes back, and has to be in the books for that.
ALTER TABLE payments ADD COLUMN captured_currency text CHECK (captured_currency ~ '^[A-Z]{3}$');
UPDATE payments SET captured_currency = currency WHERE captured_minor IS NOT NULL;
ALTER TABLE payments ADD CHECK ((captured_currency IS NULL) = (captured_minor IS NULL));
