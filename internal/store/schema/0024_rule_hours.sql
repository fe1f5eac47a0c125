-- On which days of the week and in which hours a recharge rule is in force, in minutes after midnight. 0 = on all, at any.
ALTER TABLE rule ADD COLUMN weekdays bigint NOT NULL DEFAULT 0;
ALTER TABLE rule ADD COLUMN from_clock bigint NOT NULL DEFAULT 0;
ALTER TABLE rule ADD COLUMN until_clock bigint NOT NULL DEFAULT 0;
