-- Up Migration

-- Points of an order whose money went back are taken back: at the most those that the member still has, so it may be none.
ALTER TABLE fan_points DROP CONSTRAINT fan_points_source_check, DROP CONSTRAINT fan_points_check;
ALTER TABLE fan_points
  ADD CONSTRAINT fan_points_source CHECK (source IN ('watch', 'comment', 'like', 'share', 'buy', 'prize', 'decay', 'return')),
  ADD CONSTRAINT fan_points_sign
    CHECK (CASE source WHEN 'decay' THEN delta < 0 WHEN 'return' THEN delta <= 0 ELSE delta > 0 END);
