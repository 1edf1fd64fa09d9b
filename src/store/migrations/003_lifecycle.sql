-- The brake of each directory, what it holds back, and alarms.

-- Settings, and the numbers from which a wave of deprovisioning is known without counting users:
-- each loss of access has the next number. mode: alarm, hold, off. silence_after_secs: 0 for never.
CREATE TABLE brakes (
    directory_id       TEXT PRIMARY KEY REFERENCES directories (id),
    mode               TEXT NOT NULL DEFAULT 'alarm',
    threshold_percent  INTEGER NOT NULL DEFAULT 10,
    threshold_min      INTEGER NOT NULL DEFAULT 5,
    window_secs        INTEGER NOT NULL DEFAULT 3600,
    silence_after_secs INTEGER NOT NULL DEFAULT 93600,
    active_at_start    INTEGER NOT NULL DEFAULT 0,
    counted_at         INTEGER NOT NULL DEFAULT 0,
    last_number        INTEGER NOT NULL DEFAULT 0,
    decided_number     INTEGER NOT NULL DEFAULT 0,
    last_lost_at       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO brakes (directory_id) SELECT id FROM directories;

-- Who lost access of late: one row for each user, the newest loss.
CREATE TABLE losses (
    directory_id TEXT NOT NULL,
    number       INTEGER NOT NULL,
    user_id      TEXT NOT NULL,
    lost_at      INTEGER NOT NULL,
    PRIMARY KEY (directory_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX losses_by_user ON losses (directory_id, user_id);
CREATE INDEX losses_by_time ON losses (directory_id, lost_at, number);

-- A user whose deprovisioning waits for approval: its row as the app last saw it. In users it has
-- visible = 0 meanwhile. position: the order in which they were held. cause, request_id: of the
-- newest change that ended or changed the access. denied_at: the operator said no.
CREATE TABLE held_users (
    position         INTEGER PRIMARY KEY,
    directory_id     TEXT NOT NULL REFERENCES directories (id),
    id               TEXT NOT NULL UNIQUE,
    status           INTEGER NOT NULL,
    visible          INTEGER NOT NULL,
    user_name        TEXT NOT NULL,
    external_id      TEXT,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    last_modified    INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    view             TEXT NOT NULL,
    extra            TEXT,
    document         TEXT NOT NULL,
    roles            TEXT NOT NULL DEFAULT '[]',
    app_email_folded TEXT,
    held_at          INTEGER NOT NULL,
    cause            TEXT NOT NULL,
    request_id       TEXT,
    denied_at        INTEGER
) STRICT;
CREATE UNIQUE INDEX held_users_by_directory ON held_users (directory_id, id);
CREATE INDEX held_users_by_email ON held_users (directory_id, app_email_folded) WHERE app_email_folded IS NOT NULL;
CREATE INDEX held_users_by_external_id ON held_users (directory_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX held_users_waiting ON held_users (directory_id, position) WHERE denied_at IS NULL;

-- The direct memberships of a held user as the app last saw them.
CREATE TABLE held_members (
    directory_id TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    PRIMARY KEY (directory_id, user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_members_by_group ON held_members (directory_id, group_id, user_id);

-- What somebody should look at. detail: JSON of counts and ids, nothing personal.
CREATE TABLE alarms (
    id              TEXT PRIMARY KEY,
    directory_id    TEXT NOT NULL REFERENCES directories (id),
    kind            TEXT NOT NULL,
    raised_at       INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    cleared_at      INTEGER,
    detail          TEXT NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT
) STRICT;
CREATE UNIQUE INDEX alarms_open ON alarms (directory_id, kind) WHERE cleared_at IS NULL;
CREATE INDEX alarms_by_directory ON alarms (directory_id, id);
