-- One text for both engines. It uses text, bigint and bytea only; the words in braces become what an
-- engine calls a table's storage. Keys lead with the merchant, so that tables spread by tenant; setting,
-- agent and guid belong to no merchant and are small.

CREATE TABLE setting (
    name text PRIMARY KEY,
    value bigint NOT NULL
) {clustered};

INSERT INTO setting (name, value) VALUES ('version', 0), ('demo', 0), ('probe', 0);

CREATE TABLE merchant (
    merchant bigint PRIMARY KEY,
    guid text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    licence_end bigint NOT NULL,
    policy bigint NOT NULL,
    part_payment bigint NOT NULL,
    bonus_days bigint NOT NULL,
    points_days bigint NOT NULL,
    points_ratio bigint NOT NULL,
    max_amount bigint NOT NULL,
    max_balance bigint NOT NULL
) {clustered};

-- Every GUID in use, folded, whether a merchant's or a shop's: none may stand for two things.
CREATE TABLE guid (
    guid text PRIMARY KEY,
    merchant bigint NOT NULL
) {clustered};

CREATE INDEX guid_merchant ON guid (merchant);

CREATE TABLE shop (
    merchant bigint NOT NULL,
    place bigint NOT NULL,
    id bigint NOT NULL,
    guid text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE level (
    merchant bigint NOT NULL,
    place bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    discount bigint NOT NULL,
    earn bigint NOT NULL,
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE rule (
    merchant bigint NOT NULL,
    place bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    kind bigint NOT NULL,
    threshold bigint NOT NULL,
    add_money bigint NOT NULL,
    add_rate bigint NOT NULL,
    add_points bigint NOT NULL,
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE pay_type (
    merchant bigint NOT NULL,
    place bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (merchant, place)
) {clustered};

CREATE TABLE agent (
    agent bigint PRIMARY KEY,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    weak bigint NOT NULL,
    allow text NOT NULL,
    until bigint NOT NULL,
    stopped bigint NOT NULL
) {clustered};

CREATE TABLE agent_grant (
    agent bigint NOT NULL,
    place bigint NOT NULL,
    merchant bigint NOT NULL,
    permissions bigint NOT NULL,
    PRIMARY KEY (agent, place)
) {clustered};

-- The version is what makes a save stale: it is NOT NULL, and a save decided from another one sets NULL.
CREATE TABLE head (
    merchant bigint PRIMARY KEY,
    version bigint NOT NULL,
    last_entry bigint NOT NULL,
    last_card bigint NOT NULL,
    last_at bigint NOT NULL
) {hot};

CREATE TABLE card (
    merchant bigint NOT NULL,
    id bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    status bigint NOT NULL,
    level bigint NOT NULL,
    expires bigint NOT NULL,
    name text NOT NULL,
    phone text NOT NULL,
    gender bigint NOT NULL,
    birthday bigint NOT NULL,
    principal bigint NOT NULL CHECK (principal >= 0),
    bonus bigint NOT NULL CHECK (bonus >= 0),
    points bigint NOT NULL CHECK (points >= 0),
    points_owed bigint NOT NULL CHECK (points_owed >= 0),
    sum_recharge bigint NOT NULL,
    sum_consume bigint NOT NULL,
    point_lots text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    hash bytea NOT NULL,
    last_at bigint NOT NULL,
    tally text NOT NULL,
    next_expiry bigint NOT NULL,
    search text NOT NULL,
    PRIMARY KEY (merchant, id),
    CHECK (principal + bonus <= 1000000000000)
) {hot};

CREATE UNIQUE INDEX card_number ON card (merchant, number);
CREATE INDEX card_next_expiry ON card (merchant, next_expiry) WHERE next_expiry <> 0;

CREATE TABLE lot (
    merchant bigint NOT NULL,
    card bigint NOT NULL,
    good_until bigint NOT NULL,
    id bigint NOT NULL,
    principal bigint NOT NULL CHECK (principal >= 0),
    bonus bigint NOT NULL CHECK (bonus >= 0),
    PRIMARY KEY (merchant, card, good_until, id),
    CHECK (principal + bonus > 0)
) {hot};

CREATE TABLE entry (
    merchant bigint NOT NULL,
    id bigint NOT NULL,
    card bigint NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    kind bigint NOT NULL,
    at bigint NOT NULL,
    agent bigint NOT NULL,
    shop bigint NOT NULL,
    operator text NOT NULL,
    writer bigint NOT NULL,
    principal bigint NOT NULL,
    bonus bigint NOT NULL,
    points bigint NOT NULL,
    points_owed bigint NOT NULL,
    principal_after bigint NOT NULL CHECK (principal_after >= 0),
    bonus_after bigint NOT NULL CHECK (bonus_after >= 0),
    points_after bigint NOT NULL CHECK (points_after >= 0),
    owed_after bigint NOT NULL CHECK (owed_after >= 0),
    original bigint NOT NULL,
    discountable bigint NOT NULL,
    actual bigint NOT NULL,
    discount bigint NOT NULL,
    policy bigint NOT NULL,
    pay_type bigint NOT NULL,
    undoes bigint NOT NULL,
    parts text NOT NULL,
    point_parts text NOT NULL,
    level bigint NOT NULL,
    status bigint NOT NULL,
    extra text NOT NULL,
    tally text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (merchant, id)
) {clustered};

CREATE UNIQUE INDEX entry_card ON entry (merchant, card, seq);
CREATE INDEX entry_undoes ON entry (merchant, undoes) WHERE undoes <> 0;

CREATE TABLE request (
    merchant bigint NOT NULL,
    agent bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    entry bigint NOT NULL,
    answer bytea NOT NULL,
    PRIMARY KEY (merchant, agent, scope, id)
) {clustered};
