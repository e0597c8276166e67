//! A database of a build before verified addresses.

use engine::AccountSession;

use super::{Office, account, login};
use crate::harness::{PASSWORD, SmtpServer, TestServer, on_both_databases};

/// Reverts the migration.
const BEFORE: [&str; 11] = [
    "DROP TABLE account_letters",
    "DROP INDEX users_by_email_key",
    "ALTER TABLE users DROP COLUMN email_key",
    "ALTER TABLE users DROP COLUMN new_email",
    "ALTER TABLE users DROP COLUMN email_verified_at",
    "ALTER TABLE sessions DROP COLUMN user_agent",
    "ALTER TABLE sessions DROP COLUMN address",
    "ALTER TABLE sessions DROP COLUMN last_seen_at",
    "DELETE FROM _sqlx_migrations WHERE version = 9",
    "INSERT INTO users (id, email, name, password_hash, created_at)
      SELECT '00000000-0000-4000-8000-000000000001', 'jose\u{301}@example.org', 'José', password_hash, created_at + 1 FROM users",
    "UPDATE users SET email = 'jos\u{e9}@example.org' WHERE name = 'ann'",
];

on_both_databases! {
    async fn after_an_upgrade_accounts_and_sessions_work_and_addresses_count_as_verified(db: Db) {
        let old = TestServer::start_with(db, |config| config.public_url = Some("http://board.example.org".into())).await;
        let ann = old.person("ann").await;
        for sql in BEFORE {
            old.execute(sql).await;
        }
        let smtp = SmtpServer::start().await;
        let server = old.beside(server::realtime::Timing::default(), smtp.settings()).await;
        let office = Office { smtp, server };
        let ann = ann.at(office.server.addr());
        let own = account(&ann).await;
        assert!(own.email_verified && own.email_available && own.new_email.is_none(), "{own:?}");
        let sessions: Vec<AccountSession> = ann.get("/api/account/sessions").await.expect(200).field("sessions");
        assert!(sessions.len() == 1 && sessions[0].current);
        for (email, name) in [("jos\u{e9}@example.org", "ann"), ("jose\u{301}@example.org", "José"), ("JOS\u{c9}@example.org", "ann")] {
            let user: engine::User = login(&office.server, email, PASSWORD).await.expect(200).field("user");
            assert_eq!(user.name, name, "{email}");
        }
        office.deliver().await;
        assert_eq!(office.server.number("SELECT COUNT(*) FROM account_letters").await, 0, "nobody is asked");
    }
}
