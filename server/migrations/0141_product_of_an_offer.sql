-- Up Migration

-- Whose variants stand together on a page, and where its description is read. A SKU never changes its product, and neither is deleted.
ALTER TABLE offers ADD COLUMN product_id uuid;
UPDATE offers SET product_id = skus.product_id FROM skus WHERE skus.sku_id = offers.sku_id;
ALTER TABLE offers ALTER COLUMN product_id SET NOT NULL;
