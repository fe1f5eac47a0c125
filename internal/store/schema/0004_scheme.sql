-- How the tills of a shop sign, as internal/scheme writes it; '' = as ours do. Their developer secret, sealed
-- as api_key is, is in the files of the engines: an empty value of bytea is written differently in each.
ALTER TABLE agent ADD COLUMN scheme text NOT NULL DEFAULT '';
