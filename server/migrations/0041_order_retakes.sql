-- Up Migration

-- A late payment takes units again at the gate before it is written here. The token belongs to one such try: settling takes it
-- away from a try that fell asleep, so that it can't be written any more (as a tombstone does for a new order).
ALTER TABLE orders ADD COLUMN retake_token text;

-- Units that came back from a buyer, by the id of the refund that sent them.
CREATE TABLE order_returns (
  return_id   uuid NOT NULL,
  order_id    uuid NOT NULL,
  line_number int NOT NULL,
  units       int NOT NULL CHECK (units >= 1),
  returned_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (return_id, line_number)
);
