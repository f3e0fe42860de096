-- Up Migration

-- A held message that was approved is said by whoever approved it, or by a worker if that process died.
ALTER TABLE held_messages ADD COLUMN said boolean NOT NULL DEFAULT false;
UPDATE held_messages SET said = true WHERE decision = 'approved';
CREATE INDEX held_messages_unsaid ON held_messages (decided_at) WHERE decision = 'approved' AND NOT said;
