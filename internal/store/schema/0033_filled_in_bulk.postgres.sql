-- How long the list may be where new texts wait is said by who writes: while tills are at work as short as before, and
-- otherwise long, since many texts that go into the index together take less than half of the time.
ALTER INDEX IF EXISTS card_search_text RESET (gin_pending_list_limit);
