-- Long work that people ask for. turn guards what whoever works on it writes; until is the end of that one's lease, and
-- 0 when the job has ended.
CREATE TABLE job (
    merchant bigint NOT NULL DEFAULT 0,
    id text COLLATE "C" NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    ask text NOT NULL DEFAULT '',
    person bigint NOT NULL DEFAULT 0,
    shop bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL DEFAULT 0,
    state bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    ended_at bigint NOT NULL DEFAULT 0,
    result text NOT NULL DEFAULT '',
    PRIMARY KEY (merchant, id)
) {clustered};

CREATE INDEX job_at ON job (merchant, at, id);
CREATE INDEX job_until ON job (merchant, until);

-- What a job was given to work on, and what it made.
CREATE TABLE job_file (
    merchant bigint NOT NULL DEFAULT 0,
    job text COLLATE "C" NOT NULL DEFAULT '',
    name text COLLATE "C" NOT NULL DEFAULT '',
    type text NOT NULL DEFAULT '',
    content bytea NOT NULL,
    PRIMARY KEY (merchant, job, name)
) {clustered};
