-- Up Migration

-- Coming shows of one host, soonest first: a list shows a few of each.
CREATE INDEX rooms_coming ON rooms (host_id, scheduled_at) WHERE kind = 'show' AND NOT rehearsal AND state = 'scheduled';
