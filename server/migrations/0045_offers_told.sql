-- Up Migration

-- Since when the room should know that the offer opened or ended; null when it was told. Whoever changes the state may die before telling.
ALTER TABLE offers ADD COLUMN untold_since timestamptz;
CREATE INDEX offers_untold ON offers (untold_since) WHERE untold_since IS NOT NULL;

-- `missed`: the offer ended while they waited.
ALTER TABLE offer_waiters DROP CONSTRAINT offer_waiters_state_check;
ALTER TABLE offer_waiters ADD CONSTRAINT offer_waiters_state_check
  CHECK (state IN ('waiting', 'served', 'left', 'refused', 'missed'));
