-- An account that may not sign in; its tasks and memberships stay.
ALTER TABLE users ADD COLUMN disabled_at BIGINT;
