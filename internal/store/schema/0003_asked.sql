-- What proves that an entry and the request for it belong together, and the rate by which a bill earned its points.
-- 0 = not known, in rows from before this migration.
ALTER TABLE entry ADD COLUMN asked bigint NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN earn bigint NOT NULL DEFAULT 0;
ALTER TABLE request ADD COLUMN proof bigint NOT NULL DEFAULT 0;
