-- Up Migration

-- Every gateway asks every few seconds who was banned or kicked lately from the rooms it serves; a host may have banned thousands before.
CREATE INDEX sanctions_lately ON sanctions (host_id, at) WHERE lifted_at IS NULL AND kind IN ('ban', 'kick');
