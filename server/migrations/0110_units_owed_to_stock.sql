-- Up Migration

-- Units on their way back into the free stock: written by the transaction that takes them from an offer, booked as a movement by
-- whoever next has the SKU's row. Who gives units back so never waits for that row, which an import may hold for half a minute.
-- No foreign keys: the one of the SKU would wait for just that row, and the movement has them.
CREATE TABLE stock_owed (
  owed_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku_id    uuid NOT NULL,
  units     int NOT NULL CHECK (units >= 1),
  reason    text NOT NULL CHECK (reason IN ('given_back', 'returned')),
  person_id uuid,
  offer_id  uuid,
  order_id  uuid
);
CREATE INDEX stock_owed_sku ON stock_owed (sku_id, owed_id);
