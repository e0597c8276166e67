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
