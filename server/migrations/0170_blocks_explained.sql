-- Up Migration
-- Why a message waits is told to its sender too: a name of the rule, and the word that was found. `crowded_out`: rejected by nobody, it gave
-- way in a full queue.
ALTER TABLE held_messages
  ADD COLUMN detail text,
  ADD COLUMN crowded_out boolean NOT NULL DEFAULT false;
UPDATE held_messages SET detail = substr(reason, length('banned word: ') + 1), reason = 'banned_word' WHERE reason LIKE 'banned word: %';
UPDATE held_messages SET reason = 'all' WHERE reason = 'everything is held';
-- A reason that was given for the person as well. What was written before was meant for host and staff.
ALTER TABLE sanctions ADD COLUMN tells_reason boolean NOT NULL DEFAULT false;
