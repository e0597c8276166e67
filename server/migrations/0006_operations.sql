-- E-mail that can never be sent: when that was found, and why. Its mail_at is NULL, so it is not tried again.
ALTER TABLE notifications ADD COLUMN mail_failed_at BIGINT;
ALTER TABLE notifications ADD COLUMN mail_error TEXT;

-- One row, written over and over by readiness checks: whether it can be.
CREATE TABLE write_probe (
    id BIGINT PRIMARY KEY,
    probed_at BIGINT NOT NULL
);

-- Who was in a project and left it; has_made is 1 for those who made one of its tasks, which stays so.
CREATE TABLE former_members (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    has_made BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
INSERT INTO former_members (project_id, user_id, has_made)
    SELECT DISTINCT t.project_id, t.created_by, 1 FROM tasks t WHERE NOT EXISTS
        (SELECT 1 FROM project_members m WHERE m.project_id = t.project_id AND m.user_id = t.created_by);
INSERT INTO former_members (project_id, user_id, has_made)
    SELECT DISTINCT t.project_id, t.assignee_id, 0 FROM tasks t WHERE t.assignee_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM project_members m WHERE m.project_id = t.project_id AND m.user_id = t.assignee_id)
    ON CONFLICT DO NOTHING;
CREATE INDEX tasks_by_assignee ON tasks (project_id, assignee_id) WHERE assignee_id IS NOT NULL;
