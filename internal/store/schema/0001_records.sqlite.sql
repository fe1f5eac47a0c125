-- Parts of texts are found through trigrams. The rowid is merchant << 32 | card.
CREATE VIRTUAL TABLE card_search USING fts5 (
    search, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- Bytes of memory for what a transaction adds, so that opening many cards makes one piece of the index.
INSERT INTO card_search (card_search, rank) VALUES ('hashsize', 16777216);

-- Pieces of the index that are merged at a time. Opening a million cards merges each card half as often
-- as by the default of 4, and a search has a few pieces more to look into.
INSERT INTO card_search (card_search, rank) VALUES ('automerge', 16);
