INSERT OR REPLACE INTO card_search (rowid, search) SELECT ref, search FROM card WHERE name IN (SELECT name FROM initials);
DROP TABLE initials;
