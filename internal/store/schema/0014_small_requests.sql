-- A request is stored under the name of its key, and its answer whole (layout 0) or as what a layout needs to write it
-- again.
CREATE TABLE request_small (
    merchant bigint NOT NULL DEFAULT 0,
    fingerprint bigint DEFAULT 0,
    entry bigint DEFAULT 0,
    layout bigint DEFAULT 0,
    sum bigint DEFAULT 0,
    proof bigint DEFAULT 0,
    name bytea NOT NULL,
    kept bytea NOT NULL,
    PRIMARY KEY (merchant, name)
) {clustered};

-- What was stored before no longer proves anything: proofs and marks were made of the key itself.
INSERT INTO request_small (merchant, name, fingerprint, entry, kept)
SELECT merchant, {name of key}, {first eight}, entry, answer FROM request;
DROP TABLE request;
ALTER TABLE request_small RENAME TO request;
