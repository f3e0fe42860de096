-- Up Migration

-- When a person first became a member. Who leaves and comes back is no new fan. Null: never was one.
ALTER TABLE fan_memberships ADD COLUMN first_joined_at timestamptz;
UPDATE fan_memberships SET first_joined_at = joined_at WHERE state IN ('member', 'left') OR points > 0;
ALTER TABLE fan_memberships
  ADD CONSTRAINT fan_memberships_joined_once CHECK (state <> 'member' OR first_joined_at IS NOT NULL);

-- When the next points go. Null until the member was warned of it, and again as soon as new points come in. It says all that
-- the two columns of the warning said, and what is due is found without looking at the list of points.
ALTER TABLE fan_memberships ADD COLUMN decays_at timestamptz;
UPDATE fan_memberships m SET decays_at = greatest(
    active_at + interval '168 hours',
    warned_at + interval '24 hours',
    (SELECT max(p.at) + interval '24 hours' FROM fan_points p
      WHERE p.club_id = m.club_id AND p.person_id = m.person_id AND p.source = 'decay'))
  WHERE warned;
ALTER TABLE fan_memberships DROP COLUMN warned, DROP COLUMN warned_at;

DROP INDEX fan_memberships_idle;
CREATE INDEX fan_memberships_idle ON fan_memberships (active_at) WHERE state = 'member' AND points > 0 AND decays_at IS NULL;
CREATE INDEX fan_memberships_decaying ON fan_memberships (decays_at)
  WHERE state = 'member' AND points > 0 AND decays_at IS NOT NULL;

-- A member's newest points, and those of one day: one index for both.
CREATE INDEX fan_points_newest ON fan_points (club_id, person_id, on_day, row_id);
DROP INDEX fan_points_day;
