-- Up Migration

-- Also what somebody changes in the ledger by hand, without another version, is noted. @see 0086
DROP TRIGGER rooms_changed ON rooms;
CREATE TRIGGER rooms_changed AFTER UPDATE ON rooms FOR EACH ROW
  WHEN ((OLD.version, OLD.state, OLD.rehearsal, OLD.title, OLD.host_id, OLD.scheduled_at)
    IS DISTINCT FROM (NEW.version, NEW.state, NEW.rehearsal, NEW.title, NEW.host_id, NEW.scheduled_at))
  EXECUTE FUNCTION room_has_changed();
