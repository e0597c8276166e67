-- What a readiness check writes is as long as the rows of a task: a page may fit where no task does.
ALTER TABLE write_probe ADD COLUMN filler TEXT NOT NULL DEFAULT '';
