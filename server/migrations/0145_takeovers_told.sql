-- Up Migration

-- A publisher took the show over and the room's log was not told yet: told by whoever noted it, or by a worker if that process died.
-- Another id with every takeover; also the key of what is said.
ALTER TABLE rooms ADD COLUMN takeover_untold uuid;
CREATE INDEX rooms_takeover_untold ON rooms (room_id) WHERE takeover_untold IS NOT NULL;
