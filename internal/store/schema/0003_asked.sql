-- What proves that an entry and the request that asked for it belong together, and what a bill's points were
-- earned by. 0 = not known: rows of before have it.
ALTER TABLE entry ADD COLUMN asked bigint NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN earn bigint NOT NULL DEFAULT 0;
ALTER TABLE request ADD COLUMN proof bigint NOT NULL DEFAULT 0;
