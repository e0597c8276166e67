-- E-mail that can never be sent: when that was found, and why. Its mail_at is NULL, so it is not tried again.
ALTER TABLE notifications ADD COLUMN mail_failed_at BIGINT;
ALTER TABLE notifications ADD COLUMN mail_error TEXT;

-- One row, written over and over by readiness checks: whether it can be.
CREATE TABLE write_probe (
    id BIGINT PRIMARY KEY,
    probed_at BIGINT NOT NULL
);
