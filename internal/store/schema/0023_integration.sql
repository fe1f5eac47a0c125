-- What tills sent and were answered, for those who connect them: decoded, without secrets, kept for some days. id is the
-- request's id in the log; agent is whose it was or claimed to be; mark says whether it failed or was slow. The column for
-- an agent's token of before is added in the file for each database, since each writes an empty bytea in its own way.
CREATE TABLE exchange (
    merchant bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    id text COLLATE "C" NOT NULL DEFAULT '',
    agent bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    dialect text NOT NULL DEFAULT '',
    endpoint text COLLATE "C" NOT NULL DEFAULT '',
    outcome text COLLATE "C" NOT NULL DEFAULT '',
    reason text COLLATE "C" NOT NULL DEFAULT '',
    mark bigint NOT NULL DEFAULT 0,
    status bigint NOT NULL DEFAULT 0,
    took bigint NOT NULL DEFAULT 0,
    card text COLLATE "C" NOT NULL DEFAULT '',
    told text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, at, id)
) {clustered};

CREATE INDEX exchange_agent ON exchange (merchant, agent, at, id);
CREATE INDEX exchange_mark ON exchange (merchant, mark, at, id);
CREATE INDEX exchange_card ON exchange (merchant, card, at, id);
CREATE INDEX exchange_seen ON exchange (merchant, agent, endpoint, outcome, reason, at, id);
