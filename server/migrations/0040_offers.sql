-- Up Migration

-- A number is never used twice, not even by a transaction that was rolled back: see decision 40.
CREATE SEQUENCE offer_epochs;

-- A SKU on sale in a room: the terms, and the counters that are the truth about its units.
CREATE TABLE offers (
  offer_id           uuid PRIMARY KEY,
  room_id            uuid NOT NULL,
  -- Of the room, for audience rules.
  host_id            uuid NOT NULL,
  -- Whose stock it is; account and shop are one.
  merchant_id        uuid NOT NULL,
  sku_id             uuid NOT NULL,
  kind               text NOT NULL CHECK (kind IN ('cart', 'flash')),
  -- "Ask about no. 7": given once, never to another offer of the room.
  item_number        int NOT NULL CHECK (item_number >= 1),
  -- Place in the list; may change.
  position           int NOT NULL,
  -- What the SKU was called when the offer was made: an order must not change its name afterwards.
  title              jsonb NOT NULL,
  option_values      text[] NOT NULL DEFAULT '{}',
  image_url          text NOT NULL DEFAULT '',
  requires_shipping  boolean NOT NULL DEFAULT true,
  currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  price_minor        bigint NOT NULL CHECK (price_minor >= 0),
  list_price_minor   bigint NOT NULL CHECK (list_price_minor >= 0),
  -- Lowest price of this SKU in the 30 days before it opened; null before the first opening.
  lowest_price_minor bigint CHECK (lowest_price_minor >= 0),
  limit_units        int NOT NULL CHECK (limit_units BETWEEN 1 AND 999),
  -- Taken out of the SKU's stock at opening.
  allotment_units    int NOT NULL CHECK (allotment_units >= 1),
  audience           text NOT NULL DEFAULT 'all' CHECK (audience IN ('all', 'followers', 'fans', 'right')),
  fan_level_min      int CHECK (fan_level_min BETWEEN 1 AND 20),
  countdown_seconds  int NOT NULL DEFAULT 0 CHECK (countdown_seconds = 0 OR countdown_seconds BETWEEN 10 AND 300),
  -- Null: until it is closed.
  duration_seconds   int CHECK (duration_seconds BETWEEN 10 AND 86400),
  supply_units       int NOT NULL DEFAULT 0 CHECK (supply_units >= 0),
  held_units         int NOT NULL DEFAULT 0 CHECK (held_units >= 0),
  sold_units         int NOT NULL DEFAULT 0 CHECK (sold_units >= 0),
  withdrawn_units    int NOT NULL DEFAULT 0 CHECK (withdrawn_units >= 0),
  epoch              bigint NOT NULL DEFAULT 0,
  state              text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'open', 'closed')),
  opens_at           timestamptz,
  closes_at          timestamptz,
  closed_at          timestamptz,
  pinned_at          timestamptz,
  -- Moment of the stream at which it was pinned, ms from its start, as the studio's player saw it.
  pinned_stream_ms   bigint,
  repeat_of          uuid,
  -- Idempotency key of the call that made it.
  request_key        text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT offers_no_oversell CHECK (held_units + sold_units + withdrawn_units <= supply_units),
  CONSTRAINT offers_open_window CHECK (state <> 'open' OR opens_at IS NOT NULL),
  CHECK (audience = 'fans' OR fan_level_min IS NULL),
  UNIQUE (room_id, item_number),
  UNIQUE (room_id, request_key)
) WITH (fillfactor = 40); -- The counters change some hundred times a second: keep new versions on the same page.
CREATE INDEX offers_open ON offers (closes_at) WHERE state = 'open';
CREATE INDEX offers_sku ON offers (sku_id);

-- At which price a SKU was on sale live, and when: what "lowest price of 30 days" is computed from.
CREATE TABLE offer_prices (
  offer_id    uuid NOT NULL,
  epoch       bigint NOT NULL,
  sku_id      uuid NOT NULL,
  price_minor bigint NOT NULL,
  currency    text NOT NULL,
  from_at     timestamptz NOT NULL,
  until_at    timestamptz,
  PRIMARY KEY (offer_id, epoch)
);
CREATE INDEX offer_prices_sku ON offer_prices (sku_id, from_at);

-- No foreign keys here and on the lines: decision 40.
CREATE TABLE orders (
  order_id     uuid PRIMARY KEY,
  room_id      uuid NOT NULL,
  merchant_id  uuid NOT NULL,
  buyer_id     uuid NOT NULL,
  -- Idempotency key of the buyer, and a fingerprint of what was asked with it.
  request_key  text NOT NULL,
  request_hash text NOT NULL,
  state        text NOT NULL CHECK (state IN
    ('held', 'paid', 'shipped', 'delivered', 'refunded', 'expired', 'cancelled', 'abandoned')),
  currency     text NOT NULL,
  -- Sum of the lines, without shipping.
  total_minor  bigint NOT NULL CHECK (total_minor >= 0),
  pay_by       timestamptz NOT NULL,
  extended     boolean NOT NULL DEFAULT false,
  payment_id   uuid,
  -- The won right to buy that this order uses up.
  right_id     uuid,
  held_at      timestamptz NOT NULL DEFAULT now()
);
-- A tombstone gives its key free again. Also the index behind "my orders".
CREATE UNIQUE INDEX orders_request ON orders (buyer_id, request_key) WHERE state <> 'abandoned';
CREATE UNIQUE INDEX orders_right ON orders (right_id) WHERE right_id IS NOT NULL AND state NOT IN ('abandoned', 'expired', 'cancelled');
CREATE INDEX orders_due ON orders (pay_by) WHERE state = 'held';
CREATE INDEX orders_merchant ON orders (merchant_id, order_id);

CREATE TABLE order_lines (
  order_id    uuid NOT NULL,
  line_number int NOT NULL CHECK (line_number >= 1),
  offer_id    uuid NOT NULL,
  units       int NOT NULL CHECK (units >= 1),
  -- Of one unit, at the moment it was held.
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  -- Of these units, how many came back by a refund.
  returned_units int NOT NULL DEFAULT 0 CHECK (returned_units BETWEEN 0 AND units),
  PRIMARY KEY (order_id, line_number)
);
CREATE INDEX order_lines_offer ON order_lines (offer_id);

-- Every change of an order after it was held. Append-only.
CREATE TABLE order_events (
  event_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id  uuid NOT NULL,
  kind      text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  -- Null when the system did it.
  person_id uuid,
  reason    text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  details   jsonb NOT NULL DEFAULT '{}',
  at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_events_order ON order_events (order_id, event_id);
CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who waits for units of a sold-out offer, in the order they came.
CREATE TABLE offer_waiters (
  ticket    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  offer_id  uuid NOT NULL,
  person_id uuid NOT NULL,
  units     int NOT NULL CHECK (units >= 1),
  state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'served', 'left', 'refused')),
  order_id  uuid,
  joined_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX offer_waiters_once ON offer_waiters (offer_id, person_id) WHERE state = 'waiting';
CREATE INDEX offer_waiters_line ON offer_waiters (offer_id, ticket) WHERE state = 'waiting';

-- What somebody put into their cart of a room; survives everything but checkout.
CREATE TABLE cart_lines (
  person_id uuid NOT NULL,
  room_id   uuid NOT NULL,
  offer_id  uuid NOT NULL,
  units     int NOT NULL CHECK (units BETWEEN 1 AND 999),
  put_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (person_id, room_id, offer_id)
);
