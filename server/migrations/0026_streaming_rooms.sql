-- Up Migration

-- The rooms whose show is on and streamed, which are compared with the media server every few seconds.
CREATE INDEX rooms_streaming ON rooms (room_id) WHERE publisher_id IS NOT NULL AND state IN ('live', 'paused');
