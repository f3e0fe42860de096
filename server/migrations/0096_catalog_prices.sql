-- Up Migration

-- At which price a variant stood in the catalog, and when. Beside offer_prices: what "lowest price of 30 days" is computed from.
CREATE TABLE catalog_prices (
  price_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku_id      uuid NOT NULL,
  price_minor bigint NOT NULL,
  currency    text NOT NULL,
  from_at     timestamptz NOT NULL DEFAULT now(),
  until_at    timestamptz
);
CREATE UNIQUE INDEX catalog_prices_now ON catalog_prices (sku_id) WHERE until_at IS NULL;
CREATE INDEX catalog_prices_sku ON catalog_prices (sku_id, from_at);

-- Kept by the database, so that no way of changing a price can forget it. What is not published was shown to nobody.
CREATE FUNCTION keep_catalog_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_prices c SET until_at = now()
  FROM skus s JOIN products p USING (product_id)
  WHERE p.product_id = NEW.product_id AND c.sku_id = s.sku_id AND c.until_at IS NULL
    AND (NOT p.published OR p.archived_at IS NOT NULL OR s.archived_at IS NOT NULL OR c.price_minor <> s.price_minor);
  INSERT INTO catalog_prices (sku_id, price_minor, currency)
  SELECT s.sku_id, s.price_minor, shops.currency
  FROM skus s JOIN products p USING (product_id) JOIN shops USING (shop_id)
  WHERE p.product_id = NEW.product_id AND p.published AND p.archived_at IS NULL AND s.archived_at IS NULL
    AND NOT EXISTS (SELECT FROM catalog_prices c WHERE c.sku_id = s.sku_id AND c.until_at IS NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER skus_keep_first_price AFTER INSERT ON skus FOR EACH ROW EXECUTE FUNCTION keep_catalog_prices();
CREATE TRIGGER skus_keep_prices AFTER UPDATE OF price_minor, archived_at ON skus FOR EACH ROW
  WHEN (OLD.price_minor <> NEW.price_minor OR OLD.archived_at IS DISTINCT FROM NEW.archived_at)
  EXECUTE FUNCTION keep_catalog_prices();
CREATE TRIGGER products_keep_prices AFTER UPDATE OF published, archived_at ON products FOR EACH ROW
  WHEN (OLD.published <> NEW.published OR OLD.archived_at IS DISTINCT FROM NEW.archived_at)
  EXECUTE FUNCTION keep_catalog_prices();

INSERT INTO catalog_prices (sku_id, price_minor, currency)
SELECT sku_id, price_minor, currency FROM skus JOIN products p USING (product_id) JOIN shops USING (shop_id)
WHERE published AND p.archived_at IS NULL AND skus.archived_at IS NULL;

-- False from the call that schedules an opening until the prices of before the opening itself were looked at.
ALTER TABLE offers ADD COLUMN lowest_noted boolean NOT NULL DEFAULT true;
UPDATE offers SET lowest_noted = false WHERE state = 'open' AND opens_at > now();
CREATE INDEX offers_lowest_not_noted ON offers (opens_at) WHERE state = 'open' AND NOT lowest_noted;
