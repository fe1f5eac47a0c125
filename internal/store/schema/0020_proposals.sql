-- The amount above which what one person gives away by hand takes another one; 0 = none.
ALTER TABLE merchant ADD COLUMN second_person bigint NOT NULL DEFAULT 0;

-- What one person has proposed and another one confirms or turns down. id is also the name of the request under which it
-- is carried out, or which was used up when it was turned down.
CREATE TABLE proposal (
    merchant bigint NOT NULL DEFAULT 0,
    id text COLLATE "C" NOT NULL DEFAULT '',
    card bigint NOT NULL DEFAULT 0,
    number text NOT NULL DEFAULT '',
    act text NOT NULL DEFAULT '',
    form text NOT NULL DEFAULT '',
    quoted bytea NOT NULL,
    person bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    state bigint NOT NULL DEFAULT 0,
    decided_by bigint NOT NULL DEFAULT 0,
    decided_at bigint NOT NULL DEFAULT 0,
    why text NOT NULL DEFAULT '',
    entry bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant, id)
) {clustered};

CREATE INDEX proposal_until ON proposal (merchant, until, id);
