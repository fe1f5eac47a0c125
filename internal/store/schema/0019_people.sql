-- People sign in to the console. What one has several of is one text: nothing is looked up by it. entry is the one of
-- the host's journal that last changed the person.
CREATE TABLE person (
    person bigint PRIMARY KEY,
    sign_in text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    password text NOT NULL DEFAULT '',
    totp bytea NOT NULL,
    recovery text NOT NULL DEFAULT '',
    passkeys text NOT NULL DEFAULT '',
    grants text NOT NULL DEFAULT '',
    until bigint NOT NULL DEFAULT 0,
    stopped bigint NOT NULL DEFAULT 0,
    agent bigint NOT NULL DEFAULT 0,
    entry bigint NOT NULL DEFAULT 0
) {clustered};

CREATE UNIQUE INDEX person_sign_in ON person (sign_in);

-- What a browser that is signed in holds the token of. place is the hash of the token.
CREATE TABLE session (
    place bytea PRIMARY KEY,
    person bigint NOT NULL DEFAULT 0,
    made_at bigint NOT NULL DEFAULT 0,
    seen_at bigint NOT NULL DEFAULT 0,
    until bigint NOT NULL DEFAULT 0,
    address text NOT NULL DEFAULT '',
    browser text NOT NULL DEFAULT ''
) {clustered};

CREATE INDEX session_person ON session (person);
