-- Up Migration

-- Units held for places in line: of one that was given up while whoever held them died, the order is looked for here.
CREATE INDEX orders_of_places ON orders (order_id) WHERE state = 'held' AND request_key LIKE E'\twaiting:%';
