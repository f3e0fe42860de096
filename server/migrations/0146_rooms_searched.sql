-- Up Migration

-- All neighbouring characters of a text, small letters for great ones: what has a text in it has all pairs of it. Chinese and Japanese
-- words are mostly of two characters, which are too few for trigrams.
CREATE FUNCTION character_pairs(searched text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(substr(lower(searched), place, 2)), '{}') FROM generate_series(1, length(searched) - 1) AS place
$$;
CREATE INDEX rooms_title_pairs ON rooms USING gin (character_pairs(title)) WHERE kind = 'show' AND NOT rehearsal;
-- Who hosts shows has an account.
CREATE INDEX people_name_pairs ON people USING gin (character_pairs(display_name)) WHERE kind = 'account';
CREATE INDEX rooms_past ON rooms (ended_at DESC, room_id) WHERE kind = 'show' AND NOT rehearsal AND state = 'ended';
