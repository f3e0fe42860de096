-- Up Migration

-- One try to pay an order. An order may see several; at most one settles it, the money of any other goes back.
CREATE TABLE payments (
  payment_id      uuid PRIMARY KEY,
  order_id        uuid NOT NULL,
  buyer_id        uuid NOT NULL,
  merchant_id     uuid NOT NULL,
  provider        text NOT NULL,
  -- What the order cost when this payment began, shipping included.
  amount_minor    bigint NOT NULL CHECK (amount_minor >= 0),
  currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Only ever moves to the right: see server/features/payments/payment-state.ts.
  state           text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'in_progress', 'failed', 'captured')),
  -- What really arrived; another sum than amount_minor goes back.
  captured_minor  bigint CHECK (captured_minor >= 0),
  captured_at     timestamptz,
  -- What became of the captured money: it pays the order, or it goes back.
  settlement      text CHECK (settlement IN ('order', 'refund')),
  pay_url         text,
  started_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'captured') = (captured_minor IS NOT NULL)),
  CHECK (settlement IS NULL OR state = 'captured')
);
CREATE INDEX payments_order ON payments (order_id);
-- One page to pay an order at a time.
CREATE UNIQUE INDEX payments_open ON payments (order_id) WHERE state IN ('started', 'in_progress');
CREATE UNIQUE INDEX payments_settling ON payments (order_id) WHERE settlement = 'order';
CREATE INDEX payments_unsettled ON payments (captured_at) WHERE state = 'captured' AND settlement IS NULL;

-- Every event a provider sent, once. What it says is applied by rank, so neither order nor repetition matter.
CREATE TABLE payment_events (
  provider    text NOT NULL,
  event_id    text NOT NULL,
  body_hash   bytea NOT NULL,
  kind        text NOT NULL,
  subject_id  uuid NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, event_id)
);

CREATE TABLE refunds (
  refund_id      uuid PRIMARY KEY,
  order_id       uuid NOT NULL,
  payment_id     uuid NOT NULL REFERENCES payments,
  amount_minor   bigint NOT NULL CHECK (amount_minor >= 0),
  -- Part of amount_minor that is shipping.
  shipping_minor bigint NOT NULL DEFAULT 0 CHECK (shipping_minor BETWEEN 0 AND amount_minor),
  currency       text NOT NULL,
  state          text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'failed', 'done')),
  reason         text NOT NULL CHECK (length(reason) <= 500),
  -- Null when the system decided it: money that arrived too late, or twice.
  person_id      uuid,
  request_key    text NOT NULL,
  request_hash   bytea NOT NULL,
  requested_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (order_id, request_key)
);
CREATE INDEX refunds_payment ON refunds (payment_id);

CREATE TABLE refund_lines (
  refund_id    uuid NOT NULL REFERENCES refunds,
  line_number  int NOT NULL,
  units        int NOT NULL CHECK (units >= 1),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  restocked    boolean NOT NULL,
  PRIMARY KEY (refund_id, line_number)
);
