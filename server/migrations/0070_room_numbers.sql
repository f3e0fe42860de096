-- Up Migration

-- Every ten seconds of a show that is on: what its curves are drawn from.
CREATE TABLE room_points (
  room_id    uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  at         timestamptz NOT NULL,
  viewers    integer NOT NULL CHECK (viewers >= 0),
  visitors   integer NOT NULL CHECK (visitors >= 0),
  likes      bigint NOT NULL CHECK (likes >= 0),
  looks      integer NOT NULL CHECK (looks >= 0),
  -- Chat of the ten seconds before.
  messages   integer NOT NULL CHECK (messages >= 0),
  -- Offer id -> units, of what was pinned or a flash sale.
  units_left jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (room_id, at)
);

-- Different people who opened a product. Counted in Redis; a count that was lost there does not make this one smaller.
CREATE TABLE offer_looks (
  offer_id uuid PRIMARY KEY REFERENCES offers ON DELETE CASCADE,
  people   integer NOT NULL CHECK (people >= 0)
);

-- Shows that are on, rehearsals among them.
CREATE INDEX rooms_on_air ON rooms (room_id) WHERE kind = 'show' AND state IN ('live', 'paused');
-- What the curves of a show are marked with: a few hundred entries among its chat.
CREATE INDEX room_log_entries_marks ON room_log_entries (room_id, at)
  WHERE kind IN ('offer:pinned', 'offer:announced', 'giveaway:published');
