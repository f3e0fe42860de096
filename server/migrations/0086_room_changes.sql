-- Up Migration

-- What somebody changed in the ledger about a room, or about all rooms of a host. Gateways ask for the newest of it, and believe what they
-- read of other rooms; nothing here is needed after a few minutes.
CREATE TABLE room_changes (
  -- The transaction that changed it. A number may be seen later than a higher one, so readers begin at the oldest that was still running.
  changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- A room; or a person: all rooms that they host.
  about      uuid NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (changed_in, about)
);

-- One transaction notes a room once, and never waits for another one: the key has its own number in it.
CREATE FUNCTION note_room_change(about uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO room_changes (about) SELECT about WHERE about IS NOT NULL ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION room_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
  PERFORM note_room_change(coalesce(changed->>'room_id', changed->>'host_id')::uuid);
  RETURN NULL;
END $$;
CREATE FUNCTION host_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_room_change(NEW.person_id);
  RETURN NULL;
END $$;
CREATE FUNCTION ban_network_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_room_change(coalesce(room_id, host_id)) FROM sanctions WHERE sanction_id = NEW.sanction_id;
  RETURN NULL;
END $$;

CREATE TRIGGER rooms_changed AFTER UPDATE ON rooms
  FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION room_has_changed();
CREATE TRIGGER people_changed AFTER UPDATE ON people
  FOR EACH ROW WHEN (OLD.display_name IS DISTINCT FROM NEW.display_name) EXECUTE FUNCTION host_has_changed();
CREATE TRIGGER room_staff_changed AFTER INSERT OR UPDATE OR DELETE ON room_staff
  FOR EACH ROW EXECUTE FUNCTION room_has_changed();
CREATE TRIGGER sanctions_changed AFTER INSERT OR UPDATE OF until, lifted_at OR DELETE ON sanctions
  FOR EACH ROW EXECUTE FUNCTION room_has_changed();
-- Words of the whole platform (room_id NULL) have no room, and are read by every gateway every two seconds.
CREATE TRIGGER banned_words_changed AFTER INSERT OR DELETE ON banned_words
  FOR EACH ROW EXECUTE FUNCTION room_has_changed();
CREATE TRIGGER moderation_settings_changed AFTER INSERT OR UPDATE ON moderation_settings
  FOR EACH ROW EXECUTE FUNCTION room_has_changed();
CREATE TRIGGER ban_networks_changed AFTER INSERT OR UPDATE ON ban_networks
  FOR EACH ROW EXECUTE FUNCTION ban_network_has_changed();
CREATE TRIGGER chat_settings_changed AFTER INSERT
  OR UPDATE OF slow_seconds, audience, follow_minutes_min, fan_level_min, hold, pinned, announcement ON chat_settings
  FOR EACH ROW EXECUTE FUNCTION room_has_changed();
