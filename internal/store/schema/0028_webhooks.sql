-- The endpoints to which a merchant's entries are sent. kinds are numbers; behind is the entry behind which they are
-- sent, and entry the one that last changed the webhook.
CREATE TABLE webhook (
    merchant bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    url text NOT NULL DEFAULT '',
    kinds text NOT NULL DEFAULT '',
    secret bytea NOT NULL,
    spare bytea NOT NULL,
    stopped bigint NOT NULL DEFAULT 0,
    behind bigint NOT NULL DEFAULT 0,
    entry bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, id)
) {clustered};

-- How far a webhook is: all up to entry was delivered, or is not wanted. turn guards what whoever works for it writes.
-- about is the version of the webhook of which it is told that it fails.
CREATE TABLE webhook_state (
    merchant bigint NOT NULL DEFAULT 0,
    webhook bigint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    entry bigint NOT NULL DEFAULT 0,
    holder bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    tries bigint NOT NULL DEFAULT 0,
    since bigint NOT NULL DEFAULT 0,
    next_at bigint NOT NULL DEFAULT 0,
    paused_at bigint NOT NULL DEFAULT 0,
    about bigint NOT NULL DEFAULT 0,
    last_at bigint NOT NULL DEFAULT 0,
    last_code bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, webhook)
) {hot};

-- Entries that somebody wants to be sent once more; all up to done were.
CREATE TABLE webhook_again (
    merchant bigint NOT NULL DEFAULT 0,
    webhook bigint NOT NULL DEFAULT 0,
    first_entry bigint NOT NULL DEFAULT 0,
    last_entry bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, webhook, first_entry, last_entry)
) {clustered};

-- Each try to deliver an entry, kept for some days. took is in microseconds.
CREATE TABLE webhook_try (
    merchant bigint NOT NULL DEFAULT 0,
    webhook bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    entry bigint NOT NULL DEFAULT 0,
    status bigint NOT NULL DEFAULT 0,
    took bigint NOT NULL DEFAULT 0,
    said text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, webhook, at, entry)
) {clustered};
