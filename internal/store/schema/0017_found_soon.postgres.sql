-- New texts wait in a list before they go into the index. Whoever fills the list empties it, and a till may wait for
-- that: 4 MB of it, the default, took ten times as long as one save of 500 cards does otherwise. Every search reads the
-- list whole, too.
ALTER INDEX IF EXISTS card_search SET (gin_pending_list_limit = 256);
