-- What the entries of a business day did to lots, by the shop that made the lot: a fold of the journal up to the cursor of
-- the follower for parts.
CREATE TABLE lot_total (
    merchant bigint NOT NULL DEFAULT 0,
    day bigint NOT NULL DEFAULT 0,
    sold bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    kind bigint NOT NULL DEFAULT 0,
    principal bigint NOT NULL DEFAULT 0,
    bonus bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, day, sold, shop, kind)
) {hot};

-- What they did to coupons, by the kind these are of: a fold up to the same cursor.
CREATE TABLE coupon_total (
    merchant bigint NOT NULL DEFAULT 0,
    day bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    coupon bigint NOT NULL DEFAULT 0,
    kind bigint NOT NULL DEFAULT 0,
    state bigint NOT NULL DEFAULT 0,
    count bigint NOT NULL DEFAULT 0,
    pays bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, day, shop, coupon, kind, state)
) {hot};
