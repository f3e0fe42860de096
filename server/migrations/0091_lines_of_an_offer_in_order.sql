-- Up Migration

-- Loading a gate reads the lines of its offer page by page, in the order of orders: the index has that order now.
CREATE INDEX order_lines_offer_order ON order_lines (offer_id, order_id);
DROP INDEX order_lines_offer;
