-- The newest of the merchant's own entries that says what time it is, and the newest that changed its settings;
-- 0 = none.
ALTER TABLE head ADD COLUMN clock bigint NOT NULL DEFAULT 0;
ALTER TABLE head ADD COLUMN settings bigint NOT NULL DEFAULT 0;
UPDATE head SET clock = own;
