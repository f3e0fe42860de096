-- Up Migration
-- When a show was to begin whose time was taken away again: calendars that have it must be told that it is off.
ALTER TABLE rooms ADD COLUMN was_scheduled_at timestamptz;
