-- Parts of texts are found through their trigrams.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX card_search ON card USING gin (search gin_trgm_ops);
