-- How often something happened in a row: one person moved one card four times. 0 for what is never counted: mentions, due
-- dates, reports, and what is told of several cards at once.
ALTER TABLE notifications ADD COLUMN times BIGINT NOT NULL DEFAULT 0;
CREATE INDEX notifications_to_join ON notifications (task_id, actor_id) WHERE read_at IS NULL AND times > 0;

-- Whether somebody watches a task only because they created it: its moves are another preference then.
ALTER TABLE task_watchers ADD COLUMN by_creation BIGINT NOT NULL DEFAULT 0;
UPDATE task_watchers SET by_creation = 1 WHERE watching = 1
    AND EXISTS (SELECT 1 FROM tasks t WHERE t.id = task_watchers.task_id AND t.created_by = task_watchers.user_id
        AND (t.assignee_id IS NULL OR t.assignee_id <> t.created_by))
    AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.task_id = task_watchers.task_id
        AND c.author_id = task_watchers.user_id);

-- Whoever has chosen something else than the default for moves has chosen it for the cards that they created, too.
INSERT INTO notification_preferences (user_id, kind, bell, browser, email)
    SELECT user_id, 'created_status', bell, browser, email FROM notification_preferences
    WHERE kind = 'status' AND NOT (bell = 1 AND browser = 0 AND email = 0);
