-- Up Migration

-- What somebody said whom nobody is to hear: for its sender's repeated request, and counted nowhere.
ALTER TABLE room_log_entries ADD COLUMN unheard boolean NOT NULL DEFAULT false;
