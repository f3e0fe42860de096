-- Up Migration

-- Winners are told by a step of its own, which a crash does not skip, and have their time from then on. Those of draws so far were told.
UPDATE giveaways SET told = array_append(told, 'winners') WHERE state = 'drawn';
