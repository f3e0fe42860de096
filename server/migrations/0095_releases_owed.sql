-- Up Migration

-- True from the end of a hold until its units are given back at the gates: whoever dies in between leaves it to a worker.
ALTER TABLE orders ADD COLUMN release_owed boolean NOT NULL DEFAULT false;
CREATE INDEX orders_release_owed ON orders (order_id) WHERE release_owed;

-- Refunds that a provider has not told the end of.
CREATE INDEX refunds_requested ON refunds (requested_at) WHERE state = 'requested';
