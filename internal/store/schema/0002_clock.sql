-- The newest entry of the merchant itself, on card 0, and the newest of those that took the time back; 0 = none.
ALTER TABLE head ADD COLUMN own bigint NOT NULL DEFAULT 0;
ALTER TABLE head ADD COLUMN taken_back bigint NOT NULL DEFAULT 0;

-- The time at which the server last knew the time, in milliseconds.
INSERT INTO setting (name, value) VALUES ('clock', 0);
