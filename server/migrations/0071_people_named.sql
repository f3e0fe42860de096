-- Up Migration

-- Each person deleted is looked for in every table that names people: without these, by reading the whole table.
CREATE INDEX stock_movements_person ON stock_movements (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX sanctions_person ON sanctions (person_id);
CREATE INDEX sanctions_of_host ON sanctions (host_id);
CREATE INDEX sanctions_by ON sanctions (by_id);
CREATE INDEX sanctions_lifted_by ON sanctions (lifted_by) WHERE lifted_by IS NOT NULL;
CREATE INDEX held_messages_sender ON held_messages (sender_id);
CREATE INDEX held_messages_decided_by ON held_messages (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX banned_words_added_by ON banned_words (added_by);
CREATE INDEX giveaways_host ON giveaways (host_id);
CREATE INDEX co_hosts_person ON co_hosts (person_id);
CREATE INDEX fan_memberships_any_person ON fan_memberships (person_id);
