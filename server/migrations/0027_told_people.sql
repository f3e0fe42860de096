-- Up Migration

-- Who was told of a show: those who rang its bell, or all followers too; NULL while nobody was, or all were told that it is over.
-- told_scheduled_at is the time they were told; NULL while none was said.
ALTER TABLE rooms ADD COLUMN told_people text CHECK (told_people IN ('ringers', 'followers'));
UPDATE rooms SET told_people = 'followers' WHERE told_scheduled_at IS NOT NULL;
CREATE INDEX rooms_told ON rooms (room_id) WHERE told_people IS NOT NULL;

-- That a show has begun is said once.
ALTER TABLE rooms ADD COLUMN told_live boolean NOT NULL DEFAULT false;
UPDATE rooms SET told_live = true WHERE started_at IS NOT NULL;

-- A round for those alone who rang the bell: what changed was never told to the followers.
ALTER TABLE reminder_rounds ADD COLUMN ringers_only boolean NOT NULL DEFAULT false;

-- Instants are told in whole milliseconds and asked for by them, so they are kept so.
ALTER TABLE notifications ALTER COLUMN at SET DEFAULT date_trunc('milliseconds', now());
UPDATE notifications SET at = date_trunc('milliseconds', at);

-- What is deleted by its age.
CREATE INDEX reminder_rounds_begun ON reminder_rounds USING brin (begun_at);
CREATE INDEX room_bells_since ON room_bells USING brin (since);
