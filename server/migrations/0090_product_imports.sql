-- Up Migration

-- Imports of product files by their idempotency key, and what each did with each product: sent again after a lost answer, an import
-- answers the same and moves nothing, also when units were sold in between.
CREATE TABLE product_imports (
  shop_id      uuid NOT NULL REFERENCES shops ON DELETE CASCADE,
  request_key  text NOT NULL,
  -- Of the file and the choices.
  request_hash bytea NOT NULL,
  begun_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shop_id, request_key)
);
CREATE TABLE imported_products (
  shop_id     uuid NOT NULL,
  request_key text NOT NULL,
  handle      text NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('added', 'updated', 'skipped')),
  PRIMARY KEY (shop_id, request_key, handle),
  FOREIGN KEY (shop_id, request_key) REFERENCES product_imports ON DELETE CASCADE
);
