-- One text for both databases. It uses text, bigint and bytea only; the words in braces become what each database
-- calls the storage of a table. Keys begin with the merchant, so that tables can be spread by merchant; setting, agent
-- and guid belong to no merchant and are small. A table has only one CHECK, because PostgreSQL prepares each anew for
-- every statement.

CREATE TABLE setting (
    name text PRIMARY KEY,
    value bigint NOT NULL DEFAULT 0
) {clustered};

INSERT INTO setting (name, value) VALUES ('version', 0), ('demo', 0), ('probe', 0), ('key', 0);

CREATE TABLE merchant (
    merchant bigint PRIMARY KEY,
    guid text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    zone text NOT NULL DEFAULT '',
    licence_end bigint NOT NULL DEFAULT 0,
    policy bigint NOT NULL DEFAULT 0,
    part_payment bigint NOT NULL DEFAULT 0,
    bonus_days bigint NOT NULL DEFAULT 0,
    points_days bigint NOT NULL DEFAULT 0,
    points_ratio bigint NOT NULL DEFAULT 0,
    max_amount bigint NOT NULL DEFAULT 0,
    max_balance bigint NOT NULL DEFAULT 0,
    code_from bigint NOT NULL DEFAULT 0,
    password_everywhere bigint NOT NULL DEFAULT 0
) {clustered};

-- Every GUID in use, folded, of merchants and shops: none may name two of them.
CREATE TABLE guid (
    guid text PRIMARY KEY,
    merchant bigint NOT NULL DEFAULT 0
) {clustered};

CREATE INDEX guid_merchant ON guid (merchant);

CREATE TABLE shop (
    merchant bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    guid text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE level (
    merchant bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    discount bigint NOT NULL DEFAULT 0,
    earn bigint NOT NULL DEFAULT 0,
    rights text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE rule (
    merchant bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    kind bigint NOT NULL DEFAULT 0,
    threshold bigint NOT NULL DEFAULT 0,
    add_money bigint NOT NULL DEFAULT 0,
    add_rate bigint NOT NULL DEFAULT 0,
    add_points bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE pay_type (
    merchant bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    code text NOT NULL DEFAULT '',
    invoiceable bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, place)
) {clustered};

-- The terms are one text: no kind and no coupon is looked up by them.
CREATE TABLE coupon_kind (
    merchant bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    terms text NOT NULL DEFAULT '',
    start bigint NOT NULL DEFAULT 0,
    last bigint NOT NULL DEFAULT 0,
    days bigint NOT NULL DEFAULT 0,
    stock bigint NOT NULL DEFAULT 0,
    info text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE agent (
    agent bigint PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    token_hash bytea NOT NULL,
    weak bigint NOT NULL DEFAULT 0,
    allow text NOT NULL DEFAULT '',
    until bigint NOT NULL DEFAULT 0,
    stopped bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    api_key bytea NOT NULL
) {clustered};

CREATE TABLE agent_grant (
    agent bigint NOT NULL DEFAULT 0,
    place bigint NOT NULL DEFAULT 0,
    merchant bigint NOT NULL DEFAULT 0,
    permissions bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (agent, place)
) {clustered};

-- The version makes a save stale: it is NOT NULL, and a save that was decided from another version sets it to NULL.
CREATE TABLE head (
    merchant bigint PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    last_entry bigint NOT NULL DEFAULT 0,
    last_card bigint NOT NULL DEFAULT 0,
    last_at bigint NOT NULL DEFAULT 0
) {hot};

-- A card's ref is its merchant and id in one number, in that order. By one number SQLite finds a row of this size in
-- three steps instead of five.
CREATE TABLE card (
    ref bigint PRIMARY KEY,
    merchant bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    number text COLLATE "C" NOT NULL DEFAULT '',
    kind bigint NOT NULL DEFAULT 0,
    opened_at bigint NOT NULL DEFAULT 0,
    status bigint NOT NULL DEFAULT 0,
    level bigint NOT NULL DEFAULT 0,
    expires bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    phone text COLLATE "C" NOT NULL DEFAULT '',
    gender bigint NOT NULL DEFAULT 0,
    birthday bigint NOT NULL DEFAULT 0,
    extid text COLLATE "C" NOT NULL DEFAULT '',
    openid text COLLATE "C" NOT NULL DEFAULT '',
    details text NOT NULL DEFAULT '',
    principal bigint NOT NULL DEFAULT 0,
    bonus bigint NOT NULL DEFAULT 0,
    points bigint NOT NULL DEFAULT 0,
    points_owed bigint NOT NULL DEFAULT 0,
    sum_recharge bigint NOT NULL DEFAULT 0,
    sum_consume bigint NOT NULL DEFAULT 0,
    lots_apart bigint NOT NULL DEFAULT 0,
    point_lots text NOT NULL DEFAULT '',
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL,
    last_at bigint NOT NULL DEFAULT 0,
    tally text NOT NULL DEFAULT '',
    lots text COLLATE "C" NOT NULL DEFAULT '',
    next_expiry bigint NOT NULL DEFAULT 0,
    search text NOT NULL DEFAULT '',
    CHECK (ref = (merchant << 32) + id),
    -- Below zero only beside lot 0, which is what the card owes: lots that begin with 0:0:-. No LIKE, for where a
    -- function is called SQLite keeps a journal of each statement that adds several rows.
    CHECK ((principal >= 0 OR lots_apart <> 0 OR lots >= '0:0:-' AND lots < '0:0:.') AND principal >= -1000000000000 AND bonus >= 0
        AND principal + bonus <= 1000000000000 AND points >= 0 AND points_owed >= 0 AND seq > 0)
) {hot by ref};

CREATE UNIQUE INDEX card_number ON card (merchant, number);
-- The indexes for looking up cards end with the ref, since cards are read in that order.
CREATE UNIQUE INDEX card_extid ON card (merchant, extid) WHERE extid <> '';
CREATE INDEX card_phone ON card (merchant, phone{then ref}) WHERE phone <> '';
CREATE INDEX card_openid ON card (merchant, openid{then ref}) WHERE openid <> '';
CREATE INDEX card_next_expiry ON card (merchant, next_expiry) WHERE next_expiry <> 0;

-- The lots of the cards with lots_apart. A card with few lots has them in its own row.
CREATE TABLE lot (
    merchant bigint NOT NULL DEFAULT 0,
    card bigint NOT NULL DEFAULT 0,
    good_until bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    principal bigint NOT NULL DEFAULT 0,
    bonus bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, card, good_until, id),
    CHECK (principal >= 0 AND bonus >= 0 AND principal + bonus > 0 OR id = 0 AND good_until = 0 AND principal < 0 AND bonus = 0)
) {hot};

CREATE TABLE entry (
    merchant bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    card bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    kind bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    agent bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    operator text NOT NULL DEFAULT '',
    writer bigint NOT NULL DEFAULT 0,
    principal bigint NOT NULL DEFAULT 0,
    bonus bigint NOT NULL DEFAULT 0,
    points bigint NOT NULL DEFAULT 0,
    points_owed bigint NOT NULL DEFAULT 0,
    principal_after bigint NOT NULL DEFAULT 0,
    bonus_after bigint NOT NULL DEFAULT 0,
    points_after bigint NOT NULL DEFAULT 0,
    owed_after bigint NOT NULL DEFAULT 0,
    original bigint NOT NULL DEFAULT 0,
    discountable bigint NOT NULL DEFAULT 0,
    actual bigint NOT NULL DEFAULT 0,
    discount bigint NOT NULL DEFAULT 0,
    policy bigint NOT NULL DEFAULT 0,
    pay_type bigint NOT NULL DEFAULT 0,
    undoes bigint NOT NULL DEFAULT 0,
    parts text NOT NULL DEFAULT '',
    point_parts text NOT NULL DEFAULT '',
    level bigint NOT NULL DEFAULT 0,
    status bigint NOT NULL DEFAULT 0,
    extra text NOT NULL DEFAULT '',
    tally text NOT NULL DEFAULT '',
    hash bytea NOT NULL,
    PRIMARY KEY (merchant, id),
    CHECK (seq > 0 AND principal_after >= -1000000000000 AND bonus_after >= 0 AND points_after >= 0 AND owed_after >= 0)
) {clustered};

CREATE UNIQUE INDEX entry_card ON entry (merchant, card, seq);
CREATE INDEX entry_undoes ON entry (merchant, undoes) WHERE undoes <> 0;

CREATE TABLE coupon (
    merchant bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    card bigint NOT NULL DEFAULT 0,
    number text COLLATE "C" NOT NULL DEFAULT '',
    terms text NOT NULL DEFAULT '',
    good_from bigint NOT NULL DEFAULT 0,
    good_until bigint NOT NULL DEFAULT 0,
    state bigint NOT NULL DEFAULT 0,
    sent bigint NOT NULL DEFAULT 0,
    subject text NOT NULL DEFAULT '',
    used_by bigint NOT NULL DEFAULT 0,
    paid bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, id),
    CHECK (state >= 1 AND state <= 4 AND paid >= 0)
) {clustered};

CREATE UNIQUE INDEX coupon_number ON coupon (merchant, number);
CREATE INDEX coupon_card ON coupon (merchant, card, id);
CREATE INDEX coupon_state ON coupon (merchant, card, state, id);
CREATE INDEX coupon_due ON coupon (merchant, good_until, id, card) WHERE state = 1;
CREATE INDEX coupon_used_by ON coupon (merchant, used_by);

-- How many coupons of a kind were sent in all.
CREATE TABLE coupon_stock (
    merchant bigint NOT NULL DEFAULT 0,
    kind bigint NOT NULL DEFAULT 0,
    sent bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, kind)
) {clustered};

-- What is counted between attempts: see ledger.Guard. A row is dropped some time after its until; 0 = never.
CREATE TABLE guard (
    merchant bigint NOT NULL DEFAULT 0,
    kind bigint NOT NULL DEFAULT 0,
    subject text COLLATE "C" NOT NULL DEFAULT '',
    count bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL,
    PRIMARY KEY (merchant, kind, subject)
) {hot};

-- Messages to holders. next_at is when a message is tried next; 0 = never.
CREATE TABLE outbox (
    merchant bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    card bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    openid text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    sealed bytea NOT NULL,
    next_at bigint NOT NULL DEFAULT 0,
    tries bigint NOT NULL DEFAULT 0,
    done_at bigint NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, id)
) {hot};

CREATE INDEX outbox_due ON outbox (merchant, next_at);

CREATE TABLE request (
    merchant bigint NOT NULL DEFAULT 0,
    agent bigint NOT NULL DEFAULT 0,
    scope text COLLATE "C" NOT NULL DEFAULT '',
    id text COLLATE "C" NOT NULL DEFAULT '',
    fingerprint bytea NOT NULL,
    entry bigint NOT NULL DEFAULT 0,
    answer bytea NOT NULL,
    PRIMARY KEY (merchant, agent, scope, id)
) {clustered};
