-- Up Migration

-- A process died between opening a group's room and noting it: the room is the club's all the same.
UPDATE fan_clubs c SET group_room_id = r.room_id FROM rooms r
  WHERE r.host_id = c.club_id AND r.kind = 'group' AND r.state = 'live' AND c.group_room_id IS NULL;

-- The commands of a show ended groups too, for ever. A group has no end, so those open again.
UPDATE rooms r SET state = 'live', ended_at = NULL, version = version + 1 FROM fan_clubs c
  WHERE r.room_id = c.group_room_id AND r.kind = 'group' AND r.state = 'ended'
    AND NOT EXISTS (SELECT FROM rooms o WHERE o.host_id = r.host_id AND o.kind = 'group' AND o.state = 'live');

CREATE UNIQUE INDEX fan_clubs_group ON fan_clubs (group_room_id) WHERE group_room_id IS NOT NULL;

-- Announcements are counted, and the group is told them in this order: what the log could not take is told later.
ALTER TABLE fan_clubs
  ADD COLUMN announcement_number int NOT NULL DEFAULT 0,
  ADD COLUMN announcement_told int NOT NULL DEFAULT 0 CHECK (announcement_told <= announcement_number);
CREATE INDEX fan_clubs_untold ON fan_clubs (club_id) WHERE announcement_told < announcement_number;
