-- Up Migration

-- A cart is its owner's own and goes with them.
DELETE FROM cart_lines WHERE NOT EXISTS (SELECT FROM people WHERE people.person_id = cart_lines.person_id);
ALTER TABLE cart_lines ADD FOREIGN KEY (person_id) REFERENCES people ON DELETE CASCADE;
