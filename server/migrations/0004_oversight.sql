-- How much somebody can do, where they have said so: hours is a JSON list, from Monday on. version counts the
-- changes, so that their sum over all shows that one of them changed. Days off are midnights in UTC, both included.
CREATE TABLE capacities (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hours TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE days_off (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    PRIMARY KEY (user_id, first_day, last_day)
);

ALTER TABLE users ADD COLUMN first_weekday TEXT NOT NULL DEFAULT 'monday';
-- The first day of the last week whose report they were told of, a midnight in UTC: each is told once.
ALTER TABLE users ADD COLUMN report_week BIGINT;

-- What became of each task: how it stood from a moment on, one row for each change of any of it. Kept for good, however
-- short the log is. seq is that of the log, and tells the order of a task's rows; what was before they were kept (0 and
-- below) is what the tasks themselves told when this table was made.
CREATE TABLE task_history (
    task_id TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status_id TEXT NOT NULL,
    category TEXT NOT NULL,
    assignee_id TEXT,
    due_at BIGINT,
    blocked_reason TEXT,
    blocked_since BIGINT,
    completed_at BIGINT,
    present BIGINT NOT NULL,
    PRIMARY KEY (task_id, seq)
);
CREATE INDEX task_history_by_time ON task_history (project_id, at);
CREATE INDEX tasks_by_completion ON tasks (project_id, completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX tasks_by_creation ON tasks (project_id, created_at);
CREATE INDEX tasks_blocked ON tasks (project_id) WHERE blocked_reason IS NOT NULL;
CREATE INDEX tasks_open_by_assignee ON tasks (assignee_id) WHERE deleted_at IS NULL AND completed_at IS NULL;
CREATE INDEX tasks_open_by_due ON tasks (project_id, due_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL AND completed_at IS NULL;

-- A finished task was in the first column before; of any other it is not known that it ever was elsewhere.
INSERT INTO task_history (task_id, project_id, seq, at, status_id, category, assignee_id, due_at, present)
    SELECT t.id, t.project_id, -3, t.created_at, COALESCE(f.id, t.status_id), COALESCE(f.category, s.category, 'todo'),
     t.assignee_id, t.due_at, 1
    FROM tasks t LEFT JOIN statuses s ON s.id = t.status_id
    LEFT JOIN statuses f ON t.completed_at IS NOT NULL AND f.id = (SELECT o.id FROM statuses o
     WHERE o.project_id = t.project_id AND o.category <> 'done' ORDER BY o.rank, o.id LIMIT 1);
INSERT INTO task_history (task_id, project_id, seq, at, status_id, category, assignee_id, due_at, blocked_reason,
     blocked_since, present)
    SELECT t.id, t.project_id, -2, t.blocked_since, h.status_id, h.category, t.assignee_id, t.due_at, t.blocked_reason,
     t.blocked_since, 1
    FROM tasks t JOIN task_history h ON h.task_id = t.id AND h.seq = -3
    WHERE t.blocked_reason IS NOT NULL AND (t.completed_at IS NULL OR t.blocked_since < t.completed_at);
INSERT INTO task_history (task_id, project_id, seq, at, status_id, category, assignee_id, due_at, blocked_reason,
     blocked_since, completed_at, present)
    SELECT t.id, t.project_id, -1, t.completed_at, t.status_id, 'done', t.assignee_id, t.due_at, t.blocked_reason,
     t.blocked_since, t.completed_at, 1
    FROM tasks t WHERE t.completed_at IS NOT NULL;
INSERT INTO task_history (task_id, project_id, seq, at, status_id, category, assignee_id, due_at, blocked_reason,
     blocked_since, completed_at, present)
    SELECT t.id, t.project_id, 0, t.deleted_at, t.status_id, COALESCE(s.category, 'todo'), t.assignee_id, t.due_at,
     t.blocked_reason, t.blocked_since, t.completed_at, 0
    FROM tasks t LEFT JOIN statuses s ON s.id = t.status_id WHERE t.deleted_at IS NOT NULL;
