-- Up Migration

-- Who a room was last told publishes in it, while somebody does: a gateway that dies must not leave it told for ever.
CREATE TABLE publishers_told (
  room_id    uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
  publishers jsonb NOT NULL
);
