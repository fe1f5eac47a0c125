-- The hour at which a merchant's business days begin, counted from 04:00.
ALTER TABLE merchant ADD COLUMN cut_off bigint NOT NULL DEFAULT 0;
ALTER TABLE follower RENAME COLUMN zone TO calendar;
