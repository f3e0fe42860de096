-- Up Migration

-- Which parts of a chat's state changed and were not said in the room yet. They are said again when the process that had to is gone.
ALTER TABLE chat_settings ADD COLUMN untold text[] NOT NULL DEFAULT '{}';
CREATE INDEX chat_settings_untold ON chat_settings (room_id) WHERE untold <> '{}';
