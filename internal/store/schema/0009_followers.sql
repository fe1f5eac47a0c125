-- How far each follower has come in a merchant's journal, and which process works for it until when. A save that does
-- not move the version by one is refused.
CREATE TABLE follower (
    merchant bigint NOT NULL DEFAULT 0,
    name text COLLATE "C" NOT NULL DEFAULT '',
    version bigint NOT NULL DEFAULT 0,
    entry bigint NOT NULL DEFAULT 0,
    zone text NOT NULL DEFAULT '',
    holder bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, name)
) {hot};

-- The totals of the entries of a business day: a fold of the journal up to the cursor of the follower for totals.
CREATE TABLE day_total (
    merchant bigint NOT NULL DEFAULT 0,
    day bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    operator text COLLATE "C" NOT NULL DEFAULT '',
    kind bigint NOT NULL DEFAULT 0,
    pay_type bigint NOT NULL DEFAULT 0,
    count bigint NOT NULL DEFAULT 0,
    gross bigint NOT NULL DEFAULT 0,
    net bigint NOT NULL DEFAULT 0,
    principal bigint NOT NULL DEFAULT 0,
    bonus bigint NOT NULL DEFAULT 0,
    points bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, day, shop, operator, kind, pay_type)
) {hot};
