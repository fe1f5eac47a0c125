-- The index of searches is filled behind the saves that open cards: to put 500 cards into it took most of such a save,
-- and all tills of the merchant waited. It is on a table of its own, to which cards are copied after they are saved.
-- An operator may have dropped it before a large import.
DROP INDEX IF EXISTS card_search;
CREATE TABLE card_search (
    merchant bigint NOT NULL,
    ref bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    search text NOT NULL,
    PRIMARY KEY (merchant, ref)
);
-- Of each merchant the cards with ids up to this one are in card_search, and no others.
CREATE TABLE search_mark (
    merchant bigint NOT NULL PRIMARY KEY,
    card bigint NOT NULL
) {hot};
INSERT INTO card_search (merchant, ref, number, search) SELECT merchant, ref, number, search FROM card;
INSERT INTO search_mark (merchant, card) SELECT merchant, last_card FROM head WHERE last_card > 0;
CREATE INDEX card_search_text ON card_search USING gin (search gin_trgm_ops) WITH (gin_pending_list_limit = 256);
