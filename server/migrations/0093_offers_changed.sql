-- Up Migration

-- What the room has not been told since `untold_since`: true when it is a change of terms or a pin, and not the opening or end alone.
ALTER TABLE offers ADD COLUMN untold_change boolean NOT NULL DEFAULT false;

-- A draft that nobody needed: its key and its number stay taken, and nobody sees it.
ALTER TABLE offers DROP CONSTRAINT offers_state_check;
ALTER TABLE offers ADD CONSTRAINT offers_state_check CHECK (state IN ('draft', 'open', 'closed', 'discarded'));
