-- Invitations: a person becomes a member by accepting one. The token in the link is not here. token_hash is its SHA-256, by
-- which it is found; token_seed is random, and makes the token only together with the server's secret. So a copy of
-- the database opens no project. email is NULL for a link without an address, invited_by for the operator. Rows stay for
-- a while after their end, so that the page can say which end it was. mail_at is when the letter is to be
-- sent, NULL for none; mail_taken_at when a node began to, mailed_at when it was.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    token_seed TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL,
    invited_by TEXT REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    accepted_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    revoked_at BIGINT,
    mail_at BIGINT,
    mail_taken_at BIGINT,
    mailed_at BIGINT,
    mail_tries BIGINT NOT NULL DEFAULT 0,
    mail_failed_at BIGINT,
    mail_error TEXT
);
CREATE INDEX invitations_by_project ON invitations (project_id, created_at, id);
CREATE INDEX invitations_by_inviter ON invitations (invited_by, created_at) WHERE invited_by IS NOT NULL;
CREATE INDEX invitations_by_email ON invitations (email, created_at) WHERE email IS NOT NULL;
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
CREATE INDEX invitations_to_mail ON invitations (mail_at) WHERE mail_at IS NOT NULL AND mailed_at IS NULL;
