-- What a readiness check writes is as long as the rows of a task: a page may fit where no task does.
ALTER TABLE write_probe ADD COLUMN filler TEXT NOT NULL DEFAULT '';

-- 1 for a column whose tasks may lag behind its category: set by the write that changes it, taken back once all of them
-- have followed. What earlier builds have left is found once, here.
ALTER TABLE statuses ADD COLUMN lagging BIGINT NOT NULL DEFAULT 0;
UPDATE statuses SET lagging = 1 WHERE EXISTS
    (SELECT 1 FROM tasks t WHERE t.status_id = statuses.id AND t.deleted_at IS NULL
     AND ((statuses.category = 'done') <> (t.completed_at IS NOT NULL) OR statuses.category <> COALESCE(
      (SELECT h.category FROM task_history h WHERE h.task_id = t.id ORDER BY h.seq DESC LIMIT 1), statuses.category)));
CREATE INDEX statuses_lagging ON statuses (id) WHERE lagging = 1;
