-- Comments: what is written about tasks. The log says only that there is one; a text that is rewritten or
-- deleted is gone. seq is that of the log at the comment's last change.
CREATE TABLE comments (
    id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    author_id TEXT NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    html TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    seq BIGINT NOT NULL
);
CREATE INDEX comments_by_task ON comments (task_id, created_at, id);
CREATE INDEX comments_by_change ON comments (task_id, seq);

-- Who was told that they are mentioned, so that rewriting tells nobody twice.
CREATE TABLE comment_mentions (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (comment_id, user_id)
);

ALTER TABLE tasks ADD COLUMN comment_count BIGINT NOT NULL DEFAULT 0;

-- Who is told of a task. watching is 0 for somebody who said no: what would make them a watcher again
-- (an assignment, a comment of theirs) then does not.
CREATE TABLE task_watchers (
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    watching BIGINT NOT NULL,
    PRIMARY KEY (task_id, user_id)
);
CREATE INDEX task_watchers_by_user ON task_watchers (user_id);
INSERT INTO task_watchers (task_id, user_id, watching) SELECT id, created_by, 1 FROM tasks;
INSERT INTO task_watchers (task_id, user_id, watching)
    SELECT id, assignee_id, 1 FROM tasks WHERE assignee_id IS NOT NULL AND assignee_id <> created_by;

-- Written in the transaction of what causes them. cause is what a user is told of once: the event, or the
-- task and the day. in_bell is 0 for one that only goes out by e-mail, and counts as read once it did. mail_at is
-- NULL for one that does not, else when it is to be sent (mail_kind: now or digest); mail_taken_at is when a node
-- began to, mailed_at when it was. Ids sort bytewise, by time. What is about no task or project names none.
CREATE TABLE notifications (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    reference_type TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    actor_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    cause TEXT NOT NULL,
    in_bell BIGINT NOT NULL,
    alert BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    mail_at BIGINT,
    mail_kind TEXT,
    mail_taken_at BIGINT,
    mail_tries BIGINT NOT NULL DEFAULT 0,
    mailed_at BIGINT
);
CREATE UNIQUE INDEX notifications_once ON notifications (user_id, cause);
CREATE INDEX notifications_by_user ON notifications (user_id, id) WHERE in_bell = 1;
CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE in_bell = 1 AND read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (created_at) WHERE read_at IS NOT NULL;
CREATE INDEX notifications_by_comment ON notifications (reference_id) WHERE reference_type = 'comment';
CREATE INDEX notifications_to_mail ON notifications (mail_at) WHERE mail_at IS NOT NULL AND mailed_at IS NULL;

CREATE INDEX tasks_by_due ON tasks (due_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL AND completed_at IS NULL;

-- What a user wants to be told. Kinds that are not here keep their defaults.
CREATE TABLE notification_preferences (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    bell BIGINT NOT NULL,
    browser BIGINT NOT NULL,
    email BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind)
);
CREATE TABLE muted_projects (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, project_id)
);
ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE users ADD COLUMN quiet_from BIGINT;
ALTER TABLE users ADD COLUMN quiet_to BIGINT;
-- When a node last took their digest: one an hour.
ALTER TABLE users ADD COLUMN digest_at BIGINT;
