-- Up Migration

-- The version of a room that its log was told of. Behind only for a moment, unless the one who had to tell it died.
ALTER TABLE rooms ADD COLUMN told_version integer NOT NULL DEFAULT 0;
UPDATE rooms SET told_version = version;
CREATE INDEX rooms_untold ON rooms (room_id) WHERE told_version < version;
