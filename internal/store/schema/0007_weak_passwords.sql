-- Whether cards may be issued with passwords that somebody who guesses would try first.
ALTER TABLE merchant ADD COLUMN weak_passwords bigint NOT NULL DEFAULT 0;
