-- Up Migration

-- Members whom the host put out of a club, and so of its group, and when they were members again: by turns, out first. Who is kept out by
-- now says nothing of a moment that has passed: whoever was put out before the close of a giveaway and let in again counts as there.
CREATE TABLE fan_club_put_outs (
  row_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  club_id   uuid NOT NULL,
  person_id uuid NOT NULL,
  is_out    boolean NOT NULL,
  at        timestamptz NOT NULL,
  FOREIGN KEY (club_id, person_id) REFERENCES fan_memberships
);
CREATE INDEX fan_club_put_outs_person ON fan_club_put_outs (club_id, person_id, row_id);

-- Of before, only those who still are out are known.
INSERT INTO fan_club_put_outs (club_id, person_id, is_out, at)
  SELECT club_id, person_id, true, changed_at FROM fan_memberships WHERE state = 'refused';

CREATE TRIGGER fan_club_put_outs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fan_club_put_outs
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
