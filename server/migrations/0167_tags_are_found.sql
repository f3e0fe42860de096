-- Up Migration

-- What array_to_string makes of texts is always the same; PostgreSQL does not say so, for of other arrays it is not.
CREATE FUNCTION words_of(texts text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_to_string(texts, ' ') $$;
ALTER TABLE products DROP COLUMN search_text;
ALTER TABLE products ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (lower(
  title_en || ' ' || title_zh || ' ' || handle || ' ' || vendor || ' ' || kind || ' ' || words_of(tags))) STORED;
CREATE INDEX products_search ON products USING gin (search_text gin_trgm_ops) WHERE archived_at IS NULL;
