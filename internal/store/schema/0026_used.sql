-- When a card's holder last used it: the time of its newest entry of a kind by which one does (ledger.Kind.Uses). The
-- newest entry alone may be an expiry at night or a coupon that was sent.
ALTER TABLE card ADD COLUMN used_at bigint NOT NULL DEFAULT 0;
UPDATE card SET used_at = COALESCE((
    SELECT e.at FROM entry AS e WHERE e.merchant = card.merchant AND e.card = card.id
    AND e.kind IN (1, 2, 3, 6, 7, 20, 30, 100, 112, 114, 124, 125) ORDER BY e.seq DESC LIMIT 1), 0);
