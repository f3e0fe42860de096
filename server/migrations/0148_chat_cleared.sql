-- Up Migration

-- A chat that staff have cleared: 'lines' in room_log_redactions, with the instant up to which nothing that carries an id is shown. One row,
-- however much was said. Who reads on behind it finds what is no line by this.
CREATE INDEX room_log_entries_no_lines ON room_log_entries (room_id, at) WHERE entry_id = '' AND redacted_at IS NULL;
