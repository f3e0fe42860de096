-- Up Migration

-- A host who has a club now: until then no gateway asks for each of their viewers whether they are in it. @see 0086
CREATE FUNCTION club_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_room_change(NEW.club_id);
  RETURN NULL;
END $$;
CREATE TRIGGER fan_clubs_changed AFTER INSERT ON fan_clubs FOR EACH ROW EXECUTE FUNCTION club_has_changed();
