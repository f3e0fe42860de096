-- Up Migration

-- Whoever tells of the end of an offer, now and after a crash, reads who waited for it in vain; the table keeps everybody who ever waited.
CREATE INDEX offer_waiters_missed ON offer_waiters (offer_id) WHERE state = 'missed';
