-- Where a directory pulls from, when its provider pushes nothing. settings: JSON without secrets;
-- credentials: JSON sealed with a key that is not in this file; memory: JSON of what the next run
-- needs to know of those before it.
CREATE TABLE connectors (
    directory_id TEXT PRIMARY KEY REFERENCES directories (id),
    kind         TEXT NOT NULL,
    settings     TEXT NOT NULL,
    credentials  BLOB NOT NULL,
    every_secs   INTEGER NOT NULL,
    next_run_at  INTEGER NOT NULL,
    memory       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX connectors_by_next_run ON connectors (next_run_at);

-- One attempt to pull. report: JSON of what was found and changed, and of what went wrong.
CREATE TABLE connector_runs (
    directory_id TEXT NOT NULL REFERENCES directories (id),
    id           TEXT NOT NULL,
    report       TEXT NOT NULL,
    PRIMARY KEY (directory_id, id)
) STRICT, WITHOUT ROWID;
