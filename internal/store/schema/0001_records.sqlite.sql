-- Parts of texts are found through their trigrams. The rowid is merchant << 32 | card.
CREATE VIRTUAL TABLE card_search USING fts5 (
    search, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- The bytes of memory for what a transaction adds, so that opening many cards makes one segment of the index.
INSERT INTO card_search (card_search, rank) VALUES ('hashsize', 16777216);

-- The number of segments that are merged at a time. Opening a million cards merges each card half as often as with the
-- default of 4, and a search has a few more segments to look into.
INSERT INTO card_search (card_search, rank) VALUES ('automerge', 16);
