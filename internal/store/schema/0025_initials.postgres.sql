UPDATE card_search SET search = card.search FROM card
    WHERE card.merchant = card_search.merchant AND card.ref = card_search.ref AND card.name IN (SELECT name FROM initials);
DROP TABLE initials;
