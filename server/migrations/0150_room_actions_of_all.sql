-- Up Migration

-- Everything that host and staff did in a room is in one table. The row lets go of a guest who is forgotten, and keeps the name they had
-- when it was done.
ALTER TABLE room_actions
  ADD COLUMN person_name text,
  DROP CONSTRAINT room_actions_person_id_fkey,
  ADD CONSTRAINT room_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES people ON DELETE SET NULL;
UPDATE room_actions a SET person_name = p.display_name FROM people p WHERE p.person_id = a.person_id;

INSERT INTO room_actions (action_id, room_id, at, kind, by_id, person_id, person_name, detail)
  SELECT sanction_id, spoken_in, at, 'sanctioned', by_id, person_id, display_name, jsonb_strip_nulls(jsonb_build_object(
    'sanction', s.kind, 'reason', reason, 'untilMs', (extract(epoch FROM until) * 1000)::bigint, 'everywhere', room_id IS NULL, 'purge', purges))
  FROM sanctions s JOIN people USING (person_id) WHERE spoken_in IS NOT NULL
  UNION ALL
  SELECT gen_random_uuid(), spoken_in, lifted_at, 'lifted', lifted_by, person_id, display_name, jsonb_build_object('sanction', s.kind)
  FROM sanctions s JOIN people USING (person_id) WHERE spoken_in IS NOT NULL AND lifted_by IS NOT NULL;
DROP INDEX sanctions_spoken_in;
DROP INDEX sanctions_lifted_in;
