-- The host has a journal of its own, as merchant 0. Which of its entries made an agent as it is; 0 = none did: it is of
-- before.
INSERT INTO head (merchant, version) VALUES (0, 1);
ALTER TABLE agent ADD COLUMN entry bigint NOT NULL DEFAULT 0;
