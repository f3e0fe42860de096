-- Up Migration

-- Where in the log of the room that was told: several gateways tell it, and the entry that comes last is what people see.
ALTER TABLE publishers_told ADD COLUMN log_epoch text NOT NULL DEFAULT '', ADD COLUMN log_offset bigint NOT NULL DEFAULT 0;
-- A room without publishers keeps its row, for that order. Those with some are read every few seconds.
CREATE INDEX publishers_told_somebody ON publishers_told (room_id) WHERE publishers <> '[]';
