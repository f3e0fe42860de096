-- Up Migration

-- Where a shop wants to be told of its orders.
CREATE TABLE outgoing_endpoints (
  endpoint_id   uuid PRIMARY KEY,
  shop_id       uuid NOT NULL,
  url           text NOT NULL CHECK (length(url) <= 2000),
  -- Signs what is sent there: `whsec_…`.
  secret        text NOT NULL,
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  -- Tries that failed since the last one that did not, and since when.
  failures      int NOT NULL DEFAULT 0,
  failing_since timestamptz,
  request_key   text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (shop_id, request_key)
);

-- The outbox. A row is written by the transaction that changes the order, so it exists exactly if the change does.
-- No foreign key: removing an endpoint must never make an order fail.
CREATE TABLE outgoing_deliveries (
  delivery_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  endpoint_id uuid NOT NULL,
  order_id    uuid NOT NULL,
  kind        text NOT NULL,
  -- Exactly what is sent and signed, at every try.
  body        text NOT NULL,
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  tries       int NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL DEFAULT now(),
  -- What the last try came to, for the merchant to read.
  last_answer text NOT NULL DEFAULT '' CHECK (length(last_answer) <= 200),
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outgoing_deliveries_due ON outgoing_deliveries (endpoint_id, next_try_at) WHERE state = 'waiting';
CREATE INDEX outgoing_deliveries_list ON outgoing_deliveries (endpoint_id, created_at DESC);
CREATE INDEX outgoing_deliveries_old ON outgoing_deliveries (created_at);

CREATE FUNCTION outgoing_body(happened text, o orders, reason text, details jsonb) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'type', happened,
    'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'data', jsonb_build_object('orderId', o.order_id, 'roomId', o.room_id, 'buyerId', o.buyer_id, 'state', o.state,
      'currency', o.currency, 'goodsMinor', o.total_minor, 'reason', reason, 'details', details))::text
$$;

-- Statement triggers: the path of a purchase writes hundreds of orders in one statement, and pays for one look.
CREATE FUNCTION outgoing_of_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM outgoing_endpoints) THEN
    INSERT INTO outgoing_deliveries (endpoint_id, order_id, kind, body)
    SELECT e.endpoint_id, o.order_id, 'order.held', outgoing_body('order.held', o, '', '{}')
    FROM added JOIN outgoing_endpoints e ON e.shop_id = added.merchant_id JOIN orders o USING (order_id)
    WHERE o.state = 'held' AND NOT EXISTS (SELECT FROM rooms WHERE room_id = o.room_id AND rehearsal);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER orders_outgoing AFTER INSERT ON orders REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION outgoing_of_orders();

CREATE FUNCTION outgoing_of_order_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM outgoing_endpoints) THEN
    INSERT INTO outgoing_deliveries (endpoint_id, order_id, kind, body)
    SELECT e.endpoint_id, o.order_id, 'order.' || a.kind, outgoing_body('order.' || a.kind, o, a.reason, a.details)
    FROM added a JOIN orders o USING (order_id) JOIN outgoing_endpoints e ON e.shop_id = o.merchant_id
    WHERE NOT EXISTS (SELECT FROM rooms WHERE room_id = o.room_id AND rehearsal);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER order_events_outgoing AFTER INSERT ON order_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION outgoing_of_order_events();
