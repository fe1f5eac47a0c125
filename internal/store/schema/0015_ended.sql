-- Whether a shop is closed, and whether a pay type is no longer taken.
ALTER TABLE shop ADD COLUMN ended bigint NOT NULL DEFAULT 0;
ALTER TABLE pay_type ADD COLUMN ended bigint NOT NULL DEFAULT 0;
