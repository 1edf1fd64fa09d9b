-- The first schema. Identifiers are ULIDs without their prefix; moments are milliseconds since 1970.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE organizations (
    id                 TEXT PRIMARY KEY,
    name               TEXT NOT NULL,
    external_id        TEXT,
    metadata           TEXT NOT NULL DEFAULT '{}',
    stripe_customer_id TEXT,
    allow_profiles_outside_organization INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX organizations_by_external_id ON organizations (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE organization_domains (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id              TEXT NOT NULL,
    domain          TEXT NOT NULL,
    state           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
CREATE INDEX organization_domains_by_domain ON organization_domains (domain);

CREATE TABLE directories (
    id                 TEXT PRIMARY KEY,
    organization_id    TEXT NOT NULL REFERENCES organizations (id),
    external_key       TEXT NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    provider           TEXT NOT NULL,
    state              TEXT NOT NULL,
    domain             TEXT,
    strict             INTEGER NOT NULL DEFAULT 0,
    on_deactivate      TEXT NOT NULL,
    patch_group_status INTEGER,
    unique_group_names INTEGER,
    schemas_version    INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;
CREATE INDEX directories_by_organization ON directories (organization_id, id);

CREATE TABLE extension_schemas (
    directory_id  TEXT NOT NULL REFERENCES directories (id),
    urn           TEXT NOT NULL COLLATE NOCASE,
    resource_type TEXT NOT NULL,
    body          TEXT NOT NULL,
    PRIMARY KEY (directory_id, urn)
) STRICT, WITHOUT ROWID;

-- A bearer token of a directory: only its hash is kept.
CREATE TABLE tokens (
    directory_id TEXT NOT NULL REFERENCES directories (id),
    id           TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE,
    suffix       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (directory_id, id)
) STRICT;

-- An access token of OAuth 2.0 client credentials; it ends with the token that it was got with.
CREATE TABLE access_tokens (
    directory_id TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE,
    token_id     TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (directory_id, token_id, hash),
    FOREIGN KEY (directory_id, token_id) REFERENCES tokens (directory_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE app_keys (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE,
    suffix       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT;

-- status: 0 active, 1 inactive, 2 deleted (comes back under its id when the same person is created
-- again), 3 retired (never comes back). document: the SCIM resource, ready to send but for id,
-- groups and meta. view: what the app sees of it. visible: whether the app sees it at all.
CREATE TABLE users (
    directory_id     TEXT NOT NULL REFERENCES directories (id),
    id               TEXT NOT NULL,
    status           INTEGER NOT NULL,
    visible          INTEGER NOT NULL,
    user_name        TEXT NOT NULL,
    user_name_folded TEXT NOT NULL,
    external_id      TEXT,
    display_folded   TEXT,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    last_modified    INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    view             TEXT NOT NULL,
    extra            TEXT,
    document         TEXT NOT NULL,
    PRIMARY KEY (directory_id, id)
) STRICT;
CREATE UNIQUE INDEX users_by_id ON users (id);
CREATE UNIQUE INDEX users_by_user_name ON users (directory_id, user_name_folded) WHERE status < 2;
-- Look-ups end in the id: then the planner, which has no statistics, takes them rather than the
-- primary key for an answer ordered by id.
CREATE INDEX users_by_external_id ON users (directory_id, external_id, id) WHERE external_id IS NOT NULL;
CREATE INDEX users_by_display ON users (directory_id, display_folded, id) WHERE display_folded IS NOT NULL;
CREATE INDEX users_by_update ON users (directory_id, updated_at);
-- Partial, so that no other query is led through them.
CREATE INDEX users_active ON users (directory_id, id) WHERE status = 0;
CREATE INDEX users_inactive ON users (directory_id, visible, id) WHERE status = 1;

-- Addresses by which a user is looked up. kind: 0 a value of the SCIM attribute emails, 1 the one
-- address that the app sees.
CREATE TABLE user_emails (
    directory_id TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    kind         INTEGER NOT NULL,
    user_id      TEXT NOT NULL,
    PRIMARY KEY (directory_id, email_folded, kind, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
    directory_id   TEXT NOT NULL REFERENCES directories (id),
    id             TEXT NOT NULL,
    display_name   TEXT NOT NULL,
    display_folded TEXT NOT NULL,
    external_id    TEXT,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    last_modified  INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    extra          TEXT,
    document       TEXT NOT NULL,
    PRIMARY KEY (directory_id, id)
) STRICT;
CREATE UNIQUE INDEX groups_by_id ON groups (id);
CREATE INDEX groups_by_display ON groups (directory_id, display_folded, id);
CREATE INDEX groups_by_external_id ON groups (directory_id, external_id, id) WHERE external_id IS NOT NULL;

-- kind: 0 a user, 1 a group. Only present users and groups are here.
CREATE TABLE members (
    directory_id TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    kind         INTEGER NOT NULL,
    PRIMARY KEY (directory_id, group_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_member ON members (directory_id, member_id, group_id);

-- Member values that name nobody present: not returned; joined if that user comes.
CREATE TABLE pending_members (
    directory_id TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    value        TEXT NOT NULL,
    PRIMARY KEY (directory_id, group_id, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_members_by_value ON pending_members (directory_id, value);

-- One row for each directory that ever had an event, deleted ones too.
CREATE TABLE sequences (
    directory_id    TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    last            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sequences_by_organization ON sequences (organization_id);

-- body: the event as it is sent, byte for byte.
CREATE TABLE events (
    position        INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    directory_id    TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    sequence        INTEGER NOT NULL,
    name            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    request_id      TEXT,
    body            TEXT NOT NULL
) STRICT;
-- A directory's events in their order, which ids and sequences agree on.
CREATE UNIQUE INDEX events_by_directory ON events (directory_id, id);
CREATE INDEX events_by_request ON events (request_id) WHERE request_id IS NOT NULL;

-- One SCIM request as it arrived and what it was answered, secrets removed.
CREATE TABLE requests (
    directory_id TEXT NOT NULL,
    id           TEXT NOT NULL,
    token_id        TEXT,
    received_at     INTEGER NOT NULL,
    duration_micros INTEGER NOT NULL,
    method          TEXT NOT NULL,
    path            TEXT NOT NULL,
    query           TEXT NOT NULL,
    status          INTEGER NOT NULL,
    scim_type       TEXT,
    detail          TEXT,
    rules           TEXT NOT NULL,
    resource_id     TEXT,
    client_address  TEXT,
    user_agent      TEXT,
    body            TEXT,
    body_bytes      INTEGER NOT NULL,
    body_cut        INTEGER NOT NULL,
    response        TEXT,
    response_bytes  INTEGER NOT NULL,
    PRIMARY KEY (directory_id, id)
) STRICT;
CREATE UNIQUE INDEX requests_by_id ON requests (id);
