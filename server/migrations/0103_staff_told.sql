-- Up Migration

-- Whose role in a room changed and was not told there yet: told by whoever changed it, or by a worker if that process died.
CREATE TABLE room_staff_untold (
  room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  -- Another one with every change; also the key of what is said.
  change_id uuid NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (room_id, person_id)
);
CREATE INDEX room_staff_untold_person ON room_staff_untold (person_id);
