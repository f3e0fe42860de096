-- Up Migration

CREATE TABLE people (
  person_id     uuid PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('guest', 'account')),
  display_name  text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 40),
  -- Never shown to anybody but its owner.
  email         text,
  password_hash text,
  -- Issuer and subject of a foreign identity provider, joined by a space.
  foreign_id    text UNIQUE,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CHECK (kind = 'guest' OR email IS NOT NULL OR foreign_id IS NOT NULL),
  CHECK (kind = 'account' OR (email IS NULL AND password_hash IS NULL))
);
CREATE UNIQUE INDEX people_email_key ON people (lower(email));

CREATE TABLE sessions (
  session_id         uuid PRIMARY KEY,
  person_id          uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  -- SHA-256 of the refresh secret that works, and of the one before it, which works for a moment longer.
  refresh_hash       bytea NOT NULL UNIQUE,
  last_refresh_hash  bytea UNIQUE,
  refreshed_at       timestamptz NOT NULL DEFAULT now(),
  expires_at         timestamptz NOT NULL,
  revoked_at         timestamptz,
  created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
