-- Up Migration

-- A sanction is told, and what was said taken back, by whoever spoke it, or by a worker if that process died. Those of before count as told.
ALTER TABLE sanctions
  ADD COLUMN told boolean NOT NULL DEFAULT true,
  ADD COLUMN spoken_in uuid REFERENCES rooms ON DELETE SET NULL,
  -- Also takes back all that the person wrote in that room.
  ADD COLUMN purges boolean NOT NULL DEFAULT false;
CREATE INDEX sanctions_untold ON sanctions (at) WHERE NOT told;
-- What ran out is noted as lifted at its end, by nobody, so that lists of what stands stay short; and is forgotten after long.
CREATE INDEX sanctions_ending ON sanctions (until) WHERE lifted_at IS NULL AND until IS NOT NULL;
CREATE INDEX sanctions_over ON sanctions (lifted_at) WHERE lifted_at IS NOT NULL;
