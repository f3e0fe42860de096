-- Up Migration

-- An offer of a rehearsal sells a copy of the stock: nothing is taken out of the SKU, nothing comes back, nothing can be paid.
ALTER TABLE offers ADD COLUMN rehearsal boolean NOT NULL DEFAULT false;
