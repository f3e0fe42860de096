-- Up Migration

-- Lines of a chat that viewers have reported, each as it was: who wrote it may take it back.
CREATE TABLE chat_reports (
  message_id uuid NOT NULL,
  -- Who reported it.
  person_id  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  room_id    uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  sender_id  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  message    jsonb NOT NULL,
  reason     text CHECK (length(reason) <= 200),
  at         timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  settled_by uuid REFERENCES people,
  PRIMARY KEY (message_id, person_id)
);
CREATE INDEX chat_reports_open ON chat_reports (room_id, at) WHERE settled_at IS NULL;
CREATE INDEX chat_reports_at ON chat_reports (at);
CREATE INDEX chat_reports_person ON chat_reports (person_id);
CREATE INDEX chat_reports_sender ON chat_reports (sender_id);
CREATE INDEX chat_reports_settled_by ON chat_reports (settled_by) WHERE settled_by IS NOT NULL;
