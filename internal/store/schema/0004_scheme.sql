-- How the tills of a shop sign, as internal/scheme writes it; '' = as ours do. The column for their developer secret,
-- sealed as api_key is, is added in the file for each database, since each writes an empty bytea in its own way.
ALTER TABLE agent ADD COLUMN scheme text NOT NULL DEFAULT '';
