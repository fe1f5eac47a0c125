-- An agent may be the API key of one merchant: owner says whose it is, 0 = an integrator's; shops are the ids of those at
-- which it may act, '' = at all.
ALTER TABLE agent ADD COLUMN owner bigint NOT NULL DEFAULT 0;
ALTER TABLE agent ADD COLUMN shops text NOT NULL DEFAULT '';

-- When an API key was last used, and from where, for those who look after it. It is in no journal.
CREATE TABLE key_use (
    merchant bigint NOT NULL DEFAULT 0,
    agent bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    address text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, agent)
) {clustered};
