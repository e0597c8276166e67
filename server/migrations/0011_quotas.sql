-- How many tasks were ever made in a project, deleted ones included. Kept with each task that is made, so that a limit
-- on them costs no count.
ALTER TABLE projects ADD COLUMN task_count BIGINT NOT NULL DEFAULT 0;
UPDATE projects SET task_count = made.tasks
    FROM (SELECT project_id, COUNT(*) AS tasks FROM tasks GROUP BY project_id) AS made
    WHERE projects.id = made.project_id;

-- Whoever has left a project, or whose project was deleted, keeps nothing of what they were told of it.
DELETE FROM notifications WHERE project_id IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM project_members m JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL
     WHERE m.project_id = notifications.project_id AND m.user_id = notifications.user_id);

-- When this database first met a build that needs to know: the server fills it in after this migration. Links that end
-- e-mail had no date before, and are good for as long from then on as those that have one.
CREATE TABLE milestones (
    name TEXT PRIMARY KEY,
    reached_at BIGINT NOT NULL
);

-- Who said no to an invitation. It is over then, and its owners see so until it would have expired.
ALTER TABLE invitations ADD COLUMN declined_at BIGINT;
ALTER TABLE invitations ADD COLUMN declined_by TEXT REFERENCES users (id) ON DELETE SET NULL;
