-- What was removed and can be put back for ten minutes: a member by whoever removed them, a comment by whoever deleted it, a
-- column by any editor. subject is the id of the user, comment or column; data is what it was, as JSON.
CREATE TABLE removals (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    removed_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    removed_at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (project_id, kind, subject)
);
CREATE INDEX removals_by_time ON removals (removed_at);
CREATE INDEX removals_by_user ON removals (removed_by);
