-- Whether cards may be issued with passwords that are tried first.
ALTER TABLE merchant ADD COLUMN weak_passwords bigint NOT NULL DEFAULT 0;
