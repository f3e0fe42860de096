-- Up Migration

-- Trusted since PostgreSQL 13: the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A merchant is an account: the shop has its person's id.
CREATE TABLE shops (
  shop_id    uuid PRIMARY KEY REFERENCES people ON DELETE RESTRICT,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  -- All prices of a shop are in one currency, which never changes: orders and ledger entries rely on it.
  currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  terms_en   text NOT NULL DEFAULT '' CHECK (length(terms_en) <= 10000),
  terms_zh   text NOT NULL DEFAULT '' CHECK (length(terms_zh) <= 10000),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE products (
  product_id     uuid PRIMARY KEY,
  shop_id        uuid NOT NULL REFERENCES shops ON DELETE RESTRICT,
  -- Name in addresses and in CSV files.
  handle         text NOT NULL CHECK (handle ~ '^[^\s,"]{1,255}$'),
  title_en       text NOT NULL,
  title_zh       text NOT NULL,
  description_en text NOT NULL,
  description_zh text NOT NULL,
  vendor         text NOT NULL DEFAULT '',
  kind           text NOT NULL DEFAULT '',
  tags           text[] NOT NULL DEFAULT '{}',
  -- Names of up to three options (Size, Colour). Empty: one variant and nothing to choose.
  option_names   text[] NOT NULL DEFAULT '{}' CHECK (cardinality(option_names) <= 3),
  images         jsonb NOT NULL DEFAULT '[]',
  published      boolean NOT NULL DEFAULT true,
  archived_at    timestamptz,
  -- Columns of an imported file that mean nothing here, kept for the export.
  csv_columns    jsonb NOT NULL DEFAULT '{}',
  -- Idempotency key of the call that added it, and a hash of what it said.
  request_key    text,
  request_hash   bytea,
  created_at     timestamptz NOT NULL DEFAULT now(),
  search_text    text NOT NULL GENERATED ALWAYS AS (lower(
    title_en || ' ' || title_zh || ' ' || handle || ' ' || vendor || ' ' || kind)) STORED,
  UNIQUE (shop_id, request_key),
  CHECK (length(title_en) + length(title_zh) BETWEEN 1 AND 600)
);
-- An archived product gives its handle free.
CREATE UNIQUE INDEX products_handle ON products (shop_id, handle) WHERE archived_at IS NULL;
CREATE INDEX products_shop ON products (shop_id, product_id) WHERE archived_at IS NULL;
CREATE INDEX products_search ON products USING gin (search_text gin_trgm_ops) WHERE archived_at IS NULL;

CREATE TABLE skus (
  sku_id             uuid PRIMARY KEY,
  product_id         uuid NOT NULL REFERENCES products ON DELETE RESTRICT,
  position           int NOT NULL CHECK (position >= 1),
  option_values      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(option_values) <= 3),
  -- The merchant's own number for it; may be empty, need not be unique.
  code               text NOT NULL DEFAULT '',
  barcode            text NOT NULL DEFAULT '',
  price_minor        bigint NOT NULL CHECK (price_minor >= 0),
  -- The crossed-out price beside it.
  compare_at_minor   bigint CHECK (compare_at_minor >= 0),
  weight_grams       int NOT NULL DEFAULT 0 CHECK (weight_grams >= 0),
  requires_shipping  boolean NOT NULL DEFAULT true,
  image_url          text NOT NULL DEFAULT '',
  -- Units in stock that no offer has: the sum of this SKU's movements.
  free_units         int NOT NULL DEFAULT 0 CHECK (free_units >= 0),
  archived_at        timestamptz,
  csv_columns        jsonb NOT NULL DEFAULT '{}',
  created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX skus_options ON skus (product_id, option_values) WHERE archived_at IS NULL;

-- Every change of free units, and why. skus.free_units moves in the same transaction.
CREATE TABLE stock_movements (
  movement_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku_id       uuid NOT NULL REFERENCES skus ON DELETE RESTRICT,
  delta_units  int NOT NULL CHECK (delta_units <> 0),
  -- What free_units was after it.
  free_units   int NOT NULL CHECK (free_units >= 0),
  reason       text NOT NULL CHECK (reason IN
    ('initial', 'received', 'correction', 'damaged', 'lost', 'gift', 'imported', 'allotted', 'given_back', 'returned')),
  note         text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  -- Null when the system did it.
  person_id    uuid REFERENCES people,
  offer_id     uuid,
  order_id     uuid,
  -- Idempotency key of a manual adjustment.
  request_key  text,
  moved_at     timestamptz NOT NULL DEFAULT now(),
  UNIQUE (sku_id, request_key)
);
CREATE INDEX stock_movements_sku ON stock_movements (sku_id, movement_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
