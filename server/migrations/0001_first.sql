-- Written once for SQLite and PostgreSQL. Ids are hyphenated UUIDs, moments are milliseconds since
-- 1970, flags are 0 or 1, JSON is TEXT. Ranks sort bytewise: SQLite does so by itself, and the
-- collation that tells PostgreSQL to is taken out for it (see store/dialect.rs).

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The cookie's token is not here, only its SHA-256: a copy of the database signs nobody in.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Each board change bumps seq and appends its events in the same transaction.
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE project_members (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_members_by_user ON project_members (user_id);

CREATE TABLE statuses (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    rank TEXT COLLATE "C" NOT NULL,
    wip_limit BIGINT,
    category TEXT NOT NULL
);
CREATE INDEX statuses_by_project ON statuses (project_id, rank, id);

-- status_id is no foreign key: a deleted task outlives its column and is restored to another.
CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    status_id TEXT NOT NULL,
    rank TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    description_version BIGINT NOT NULL,
    assignee_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    priority TEXT NOT NULL,
    start_at BIGINT,
    due_at BIGINT,
    estimate_hours DOUBLE PRECISION,
    blocked_reason TEXT,
    blocked_since BIGINT,
    completed_at BIGINT,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX tasks_by_place ON tasks (status_id, rank, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_project ON tasks (project_id, rank, id) WHERE deleted_at IS NULL;

CREATE TABLE labels (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    color TEXT NOT NULL
);
CREATE INDEX labels_by_project ON labels (project_id, name, id);

-- The log: outbox and resume log in one. frame is the whole event as the sockets carry it.
CREATE TABLE project_events (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    op_id TEXT,
    frame TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, seq)
);

-- What each op was answered, so that asking twice changes nothing.
CREATE TABLE client_ops (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    op_id TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, op_id)
);
CREATE INDEX client_ops_by_age ON client_ops (created_at);
