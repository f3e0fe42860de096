-- Up Migration
-- A host looks for helpers among their newest followers.
CREATE INDEX follows_host ON follows (host_id, since DESC);
