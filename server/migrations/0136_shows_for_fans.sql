-- Up Migration

-- Whom a room is open to: the group of a fan club always to its members alone, a show if its host says so. It does not say "audience":
-- that is what an offer has, and the figures of who is there.
ALTER TABLE rooms ADD COLUMN open_to text NOT NULL DEFAULT 'everyone' CHECK (open_to IN ('everyone', 'fans'));
UPDATE rooms SET open_to = 'fans' WHERE kind = 'group';
ALTER TABLE rooms ADD CONSTRAINT rooms_group_for_fans CHECK (kind = 'show' OR open_to = 'fans');
-- Asked for at each end of a membership.
CREATE INDEX rooms_for_fans ON rooms (host_id) WHERE open_to = 'fans' AND state NOT IN ('ended', 'cancelled');

-- @see 0100
DROP TRIGGER rooms_changed ON rooms;
CREATE TRIGGER rooms_changed AFTER UPDATE ON rooms FOR EACH ROW
  WHEN ((OLD.version, OLD.state, OLD.rehearsal, OLD.open_to, OLD.title, OLD.host_id, OLD.scheduled_at)
    IS DISTINCT FROM (NEW.version, NEW.state, NEW.rehearsal, NEW.open_to, NEW.title, NEW.host_id, NEW.scheduled_at))
  EXECUTE FUNCTION room_has_changed();
