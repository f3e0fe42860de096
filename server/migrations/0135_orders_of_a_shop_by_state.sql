-- Up Migration

-- The orders of a shop that wait for work, among all it ever had. Held ones are written by the path of a purchase, which pays for no index here.
CREATE INDEX orders_merchant_state ON orders (merchant_id, state, order_id) WHERE state NOT IN ('held', 'abandoned');
