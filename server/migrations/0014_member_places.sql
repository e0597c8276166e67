-- By which people are coloured: the lowest number that is free when somebody joins, and theirs for as long as they stay.
-- Of a former member it is the last one.
ALTER TABLE project_members ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
UPDATE project_members SET place = (SELECT COUNT(*) FROM project_members o
    WHERE o.project_id = project_members.project_id AND (o.joined_at < project_members.joined_at
        OR (o.joined_at = project_members.joined_at AND o.user_id < project_members.user_id)));
ALTER TABLE former_members ADD COLUMN place BIGINT;

-- What a removed member was told of the project, for as long as the removal can be undone. removal is its kind.
CREATE TABLE removed_notifications (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    reference_type TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    task_id TEXT,
    project_id TEXT NOT NULL,
    actor_id TEXT,
    cause TEXT NOT NULL,
    in_bell BIGINT NOT NULL,
    alert BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    mail_at BIGINT,
    mail_kind TEXT,
    mail_taken_at BIGINT,
    mail_tries BIGINT NOT NULL,
    mailed_at BIGINT,
    mail_failed_at BIGINT,
    mail_error TEXT,
    times BIGINT NOT NULL,
    removal TEXT NOT NULL DEFAULT 'member',
    FOREIGN KEY (project_id, removal, user_id) REFERENCES removals (project_id, kind, subject) ON DELETE CASCADE
);
CREATE INDEX removed_notifications_by_member ON removed_notifications (project_id, user_id);
CREATE INDEX removed_notifications_by_comment ON removed_notifications (reference_id) WHERE reference_type = 'comment';
