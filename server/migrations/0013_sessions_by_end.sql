-- Up Migration

-- Which sessions have ended is asked every hour, and every gateway asks which were ended lately (sessions_revoked).
CREATE INDEX sessions_expiring ON sessions (expires_at);
