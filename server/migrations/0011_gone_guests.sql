-- Up Migration

-- Whom the look for guests who can't come back has to look at.
CREATE INDEX people_guests ON people (created_at) WHERE kind = 'guest';
