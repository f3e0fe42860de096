-- Up Migration

-- Rises with every change of the product or of a variant: of two who change it in one moment, the second is told.
ALTER TABLE products ADD COLUMN version int NOT NULL DEFAULT 0;
