-- The host has a journal of its own, as merchant 0. entry is the one that last changed the agent; 0 = none, the agent
-- was last changed before this migration or without an entry.
INSERT INTO head (merchant, version) VALUES (0, 1);
ALTER TABLE agent ADD COLUMN entry bigint NOT NULL DEFAULT 0;
