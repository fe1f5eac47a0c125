-- A midnight's sweep asks for the cards that are due a few at a time, and all of a day are alike by that day. Without the
-- ref behind it, PostgreSQL sorted all of them anew for each few. SQLite's indexes end with it anyway.
DROP INDEX card_next_expiry;
CREATE INDEX card_next_expiry ON card (merchant, next_expiry, ref) WHERE next_expiry <> 0;
