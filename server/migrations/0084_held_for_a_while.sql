-- Up Migration

-- What was held is forgotten after a while.
CREATE INDEX held_messages_at ON held_messages (held_at);
