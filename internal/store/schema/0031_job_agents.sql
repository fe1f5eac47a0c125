-- Which agent asked for a job; 0 = a person or the program itself did.
ALTER TABLE job ADD COLUMN agent bigint NOT NULL DEFAULT 0;
