-- People look for somebody by the initials of a name: zs for 张三. The table initials was made for this migration: it has
-- each name that has initials, and what the text that a card is found by gets longer by.
UPDATE card SET search = search || (SELECT letters FROM initials WHERE initials.name = card.name)
    WHERE name IN (SELECT name FROM initials);
