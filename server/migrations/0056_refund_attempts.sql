-- Up Migration

-- How often the provider was asked for the money to go back.
ALTER TABLE refunds ADD COLUMN attempts int NOT NULL DEFAULT 1 CHECK (attempts >= 1);

-- The sandbox provider: when the outcome may be known, and how many refunds fail before one succeeds.
ALTER TABLE sandbox_payments ADD COLUMN known_at timestamptz, ADD COLUMN refunds_failing int NOT NULL DEFAULT 0;
ALTER TABLE sandbox_refunds ADD COLUMN attempt int NOT NULL DEFAULT 1, ADD COLUMN succeeded boolean NOT NULL DEFAULT true;
