-- Up Migration

-- What host and staff did in a room. Sanctions, and that they were lifted, stand in their own table, and are read from there.
CREATE TABLE room_actions (
  action_id uuid PRIMARY KEY,
  room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  at        timestamptz NOT NULL DEFAULT now(),
  kind      text NOT NULL,
  by_id     uuid NOT NULL REFERENCES people,
  -- To whom, or to whose line, it was done.
  person_id uuid REFERENCES people,
  detail    jsonb NOT NULL,
  -- What can be done once only; who asks for it again has done nothing more.
  once      text
);
CREATE UNIQUE INDEX room_actions_once ON room_actions (room_id, once) WHERE once IS NOT NULL;
CREATE INDEX room_actions_room ON room_actions (room_id, at, action_id);
CREATE INDEX room_actions_at ON room_actions (at);
CREATE INDEX room_actions_by ON room_actions (by_id);
CREATE INDEX room_actions_person ON room_actions (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX sanctions_spoken_in ON sanctions (spoken_in, at, sanction_id);
CREATE INDEX sanctions_lifted_in ON sanctions (spoken_in, lifted_at, sanction_id) WHERE lifted_by IS NOT NULL;
