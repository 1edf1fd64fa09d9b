-- A directory's own mapping of attributes and roles; without a row, its provider's defaults.
-- document: JSON, NULL when it is back to the defaults. version: goes up with every change of what
-- is in force, a change of the provider too.
CREATE TABLE mappings (
    directory_id TEXT PRIMARY KEY REFERENCES directories (id),
    version      INTEGER NOT NULL,
    document     TEXT,
    saved_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far the users of a directory have been mapped again, after a change for all of them.
-- number: of the run; another one begins anew. cursor: the last user looked at.
CREATE TABLE remaps (
    directory_id TEXT PRIMARY KEY REFERENCES directories (id),
    number       INTEGER NOT NULL,
    cursor       TEXT NOT NULL,
    total        INTEGER NOT NULL,
    done         INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER
) STRICT, WITHOUT ROWID;

-- roles: JSON list of slugs, the highest rank first.
ALTER TABLE users ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';
