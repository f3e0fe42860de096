-- Up Migration

-- Idempotency key of the call that added a variant to a product, and a fingerprint of what it asked for.
ALTER TABLE skus ADD COLUMN request_key text, ADD COLUMN request_hash bytea;
CREATE UNIQUE INDEX skus_request ON skus (product_id, request_key) WHERE request_key IS NOT NULL;
