-- Up Migration

-- What a host has chosen for order in all of their rooms. No row: nothing.
CREATE TABLE moderation_settings (
  host_id             uuid PRIMARY KEY REFERENCES people ON DELETE CASCADE,
  keep_out_new_guests boolean NOT NULL DEFAULT false
);

-- Where somebody came from who is banned: a keyed hash of host and network, never an address. Goes with the ban, and much sooner.
CREATE TABLE ban_networks (
  sanction_id uuid NOT NULL REFERENCES sanctions ON DELETE CASCADE,
  mark        text NOT NULL,
  until       timestamptz NOT NULL,
  PRIMARY KEY (sanction_id, mark)
);
