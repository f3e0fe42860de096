-- Up Migration

-- Number of the sell-out of an offer that is, or comes next, and of the last one that its room was told of: whoever takes the last unit may
-- die before telling. The number rises when units come back that nobody in line gets.
ALTER TABLE offers ADD COLUMN sell_out int NOT NULL DEFAULT 0, ADD COLUMN sell_out_told int NOT NULL DEFAULT -1;
UPDATE offers SET sell_out_told = sell_out WHERE state = 'open' AND held_units + sold_units + withdrawn_units >= supply_units;
CREATE INDEX offers_sell_out_untold ON offers (offer_id) WHERE state = 'open' AND sell_out_told < sell_out;
