-- Up Migration

-- Whether its room was told of the opening: whoever opened it may have died before, and whoever changes it next says that first.
ALTER TABLE offers ADD COLUMN announced boolean NOT NULL DEFAULT false;
UPDATE offers SET announced = true WHERE state <> 'draft' AND untold_since IS NULL;

-- What is pinned, for whoever takes pins away from what is sold out.
CREATE INDEX offers_pinned ON offers (offer_id) WHERE pinned_at IS NOT NULL;

-- Rooms whose list got another order that they were not told of yet, and since when.
CREATE TABLE offer_orders_untold (
  room_id uuid PRIMARY KEY,
  since   timestamptz NOT NULL DEFAULT clock_timestamp()
);
