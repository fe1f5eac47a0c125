-- A card is found by its number in upper case. spelled is the number as it was first written, where that differs.
ALTER TABLE card ADD COLUMN spelled text COLLATE "C" NOT NULL DEFAULT '';

-- Numbers that differ only by letter case stay the numbers of two cards: each gets a = before it and stays as it was
-- written, since whoever types one without the = could mean either card.
UPDATE card SET number = '=' || number, search = '=' || search WHERE (merchant, upper(number)) IN (
    SELECT merchant, upper(number) FROM card GROUP BY merchant, upper(number) HAVING count(*) > 1);
UPDATE card SET spelled = number, number = upper(number) WHERE number <> upper(number) AND substr(number, 1, 1) <> '=';

-- Whether an agent gets HTTP status 200 with refusals too.
ALTER TABLE agent ADD COLUMN always_200 bigint NOT NULL DEFAULT 0;

-- Where a card was opened: the shop of its first entry.
ALTER TABLE card ADD COLUMN opened_shop bigint NOT NULL DEFAULT 0;
UPDATE card SET opened_shop = COALESCE((
    SELECT e.shop FROM entry AS e WHERE e.merchant = card.merchant AND e.card = card.id AND e.seq = 1), 0);
