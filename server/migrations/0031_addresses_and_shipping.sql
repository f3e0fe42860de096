-- Up Migration

-- The address book of a person: personal data, deleted for real when its owner says so.
CREATE TABLE addresses (
  address_id  uuid PRIMARY KEY,
  person_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  recipient   text NOT NULL,
  phone       text NOT NULL,
  country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  region      text NOT NULL DEFAULT '',
  city        text NOT NULL,
  street      text NOT NULL,
  postal_code text NOT NULL DEFAULT '',
  is_default  boolean NOT NULL DEFAULT false,
  request_key text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (person_id, request_key)
);
CREATE UNIQUE INDEX addresses_default ON addresses (person_id) WHERE is_default;

-- Flat fees of a shop. An order keeps a copy of the one it was sent by.
CREATE TABLE shipping_rates (
  rate_id         uuid PRIMARY KEY,
  shop_id         uuid NOT NULL REFERENCES shops ON DELETE RESTRICT,
  position        int NOT NULL,
  name_en         text NOT NULL,
  name_zh         text NOT NULL,
  fee_minor       bigint NOT NULL CHECK (fee_minor >= 0),
  -- Free for orders of this sum and more; null: never.
  free_from_minor bigint CHECK (free_from_minor >= 0),
  -- Empty: everywhere.
  countries       text[] NOT NULL DEFAULT '{}',
  UNIQUE (shop_id, position)
);

-- Terms of a shop at a time. An order was made under the last ones before it was held.
CREATE TABLE shop_terms (
  shop_id  uuid NOT NULL REFERENCES shops ON DELETE RESTRICT,
  from_at  timestamptz NOT NULL DEFAULT now(),
  terms_en text NOT NULL,
  terms_zh text NOT NULL,
  PRIMARY KEY (shop_id, from_at)
);
CREATE TRIGGER shop_terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shop_terms
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Kept by the database, so that no way of changing a shop can forget it.
CREATE FUNCTION keep_shop_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR (OLD.terms_en, OLD.terms_zh) IS DISTINCT FROM (NEW.terms_en, NEW.terms_zh) THEN
    INSERT INTO shop_terms (shop_id, from_at, terms_en, terms_zh)
    VALUES (NEW.shop_id, clock_timestamp(), NEW.terms_en, NEW.terms_zh);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER shops_keep_terms AFTER INSERT OR UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION keep_shop_terms();
