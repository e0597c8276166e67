-- When an address was proven to be its user's. The addresses that are there already count as proven.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
UPDATE users SET email_verified_at = created_at;

-- The address that a user wants instead, until it is proven.
ALTER TABLE users ADD COLUMN new_email TEXT;

-- The address without case and Unicode form, which SQL cannot compute: the server fills it in after this migration
-- (see store/email_key.rs). NULL where an older account has the same key: such a duplicate keeps all that it has.
ALTER TABLE users ADD COLUMN email_key TEXT;
CREATE UNIQUE INDEX users_by_email_key ON users (email_key);

-- Where a session is used: the browser as it names itself, the network address, and when it was last seen.
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_seen_at BIGINT;

-- Letters about accounts. send_at is NULL once a letter is sent or given up. user_id is NULL for a reset that was asked
-- for by address, until it is sent: known and unknown addresses are written alike. The token of the link is made when
-- the letter is sent, and only its SHA-256 is here; the link works until expires_at or used_at.
CREATE TABLE account_letters (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    send_at BIGINT,
    taken_at BIGINT,
    tries BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT,
    error TEXT,
    token_hash TEXT,
    expires_at BIGINT,
    used_at BIGINT
);
CREATE UNIQUE INDEX account_letters_by_token ON account_letters (token_hash);
CREATE INDEX account_letters_to_send ON account_letters (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX account_letters_by_address ON account_letters (email_key, created_at);
CREATE INDEX account_letters_by_user ON account_letters (user_id, created_at);
CREATE INDEX account_letters_by_age ON account_letters (created_at);
