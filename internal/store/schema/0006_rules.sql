-- The days on which a recharge rule is in force, 0 = no bound, and whether it was ended.
ALTER TABLE rule ADD COLUMN first bigint NOT NULL DEFAULT 0;
ALTER TABLE rule ADD COLUMN last bigint NOT NULL DEFAULT 0;
ALTER TABLE rule ADD COLUMN ended bigint NOT NULL DEFAULT 0;
