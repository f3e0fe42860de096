-- Up Migration

-- The status of a product in a file of Shopify hides it from now on. What was published here in spite of it, people have seen: its
-- merchant goes on deciding about it, and an export does not say that it is a draft.
UPDATE products SET csv_columns = csv_columns - 'Status'
WHERE published AND lower(btrim(csv_columns ->> 'Status')) IN ('draft', 'archived', 'unlisted');
