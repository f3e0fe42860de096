-- Up Migration

-- A shop may correct its currency until something of it was put on sale. An offer is made in the shop's currency of that
-- moment; the shared lock makes a correction and the first offer wait for each other, and whoever comes second sees it.
CREATE FUNCTION offer_in_currency_of_shop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_shop text;
BEGIN
  SELECT currency INTO of_shop FROM shops WHERE shop_id = NEW.merchant_id FOR SHARE;
  IF of_shop <> NEW.currency THEN
    RAISE EXCEPTION 'the shop has changed its currency' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offers_in_currency_of_shop BEFORE INSERT ON offers
  FOR EACH ROW EXECUTE FUNCTION offer_in_currency_of_shop();
