-- Up Migration

-- The books of the sandbox payment provider: another company in our house. Nothing but its own code reads them.
CREATE TABLE sandbox_payments (
  payment_id   uuid PRIMARY KEY,
  -- Secret part of the pay page's address.
  page_token   text NOT NULL UNIQUE,
  amount_minor bigint NOT NULL,
  currency     text NOT NULL,
  description  text NOT NULL,
  callback_url text NOT NULL,
  return_path  text NOT NULL,
  language     text NOT NULL CHECK (language IN ('en', 'zh')),
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'declined')),
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sandbox_refunds (
  refund_id    uuid PRIMARY KEY,
  payment_id   uuid NOT NULL REFERENCES sandbox_payments,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  event_id     text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
