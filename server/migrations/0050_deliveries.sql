-- Up Migration

-- Where and how an order goes, as chosen before it was paid, and what it cost. A copy: the address book and the fees
-- may change afterwards. Personal data: only the buyer and the merchant of the order read it.
CREATE TABLE order_deliveries (
  order_id        uuid PRIMARY KEY,
  address         jsonb NOT NULL,
  method          jsonb NOT NULL,
  shipping_minor  bigint NOT NULL CHECK (shipping_minor >= 0),
  carrier         text,
  tracking_number text,
  shipped_at      timestamptz,
  delivered_at    timestamptz,
  chosen_at       timestamptz NOT NULL DEFAULT now(),
  CHECK (shipped_at IS NOT NULL OR (carrier IS NULL AND tracking_number IS NULL AND delivered_at IS NULL))
);
