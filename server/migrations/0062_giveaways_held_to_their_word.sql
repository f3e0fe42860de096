-- Up Migration

-- Fingerprint of what the host asked for under the request key: the same key with another wish is refused.
ALTER TABLE giveaways ADD COLUMN request_hash bytea;

-- What the worker looks for twice a second must not be found by reading every giveaway there ever was.
CREATE INDEX giveaways_untold ON giveaways (giveaway_id) WHERE NOT told @> ARRAY[state];

-- Entries are added while a giveaway is open and at no other time, whoever writes. The adding transaction holds the giveaway's row.
CREATE FUNCTION refuse_late_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM giveaways g WHERE g.giveaway_id IN (SELECT giveaway_id FROM added) AND g.state <> 'published')
  THEN RAISE EXCEPTION 'entry is closed'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER giveaway_entries_while_open AFTER INSERT ON giveaway_entries
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_entries();

-- False while a place got a prize that the room has not been told of. Those of the draw itself are told by the step "drawn".
ALTER TABLE giveaway_places ADD COLUMN announced boolean NOT NULL DEFAULT true;
CREATE INDEX giveaway_places_unannounced ON giveaway_places (giveaway_id) WHERE NOT announced AND state NOT IN ('waiting', 'absent');

-- A right that went on to the next place is over, also for an order that was on its way. Order and end exclude each other by this row.
ALTER TABLE rights_to_buy ADD COLUMN passed_on boolean NOT NULL DEFAULT false;

-- The ledger's last word on rights: for their winner, unless they went on. A row that has none is not written.
CREATE FUNCTION refuse_foreign_right() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM rights_to_buy WHERE right_id = NEW.right_id AND person_id = NEW.buyer_id AND NOT passed_on FOR SHARE;
  RETURN CASE WHEN FOUND THEN NEW END;
END $$;
CREATE TRIGGER orders_right_holds BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.right_id IS NOT NULL) EXECUTE FUNCTION refuse_foreign_right();

-- Where a claimed prize goes: a copy, because an address may be changed or deleted later.
ALTER TABLE giveaway_places ADD COLUMN address jsonb;
