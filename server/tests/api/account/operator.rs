//! What an operator can do for an account on the command line.

use tokio::process::Command;

use super::{Office, account, login};
use crate::harness::{PASSWORD, TestServer, on_both_databases};

/// Runs `lockstep user`. Returns its output, or the reason of its failure.
async fn user(server: &TestServer, words: &[&str]) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.arg("user").args(words).args(["--database-url", &server.state().config.database_url()]);
    if server.state().config.database.pgbouncer {
        command.arg("--pgbouncer=1");
    }
    command.args(["--public-url", "https://board.example.org", "--data-dir"]).arg(folder.path()).kill_on_drop(true);
    let output = command.output().await.expect("lockstep runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a text");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

on_both_databases! {
    async fn the_operator_verifies_and_changes_an_address_and_resets_a_password_by_link(db: Db) {
        let office = Office::open(db).await;
        let ben = office.newcomer("ben").await;
        assert!(!account(&ben).await.email_verified);
        assert_eq!(user(&office.server, &["verify", "BEN@example.org"]).await, Ok("verified ben@example.org\n".into()));
        assert!(account(&ben).await.email_verified);

        let printed = user(&office.server, &["reset-link", "ben@example.org"]).await.expect("a link");
        let (_, token) = printed.split_once("https://board.example.org/reset-password#").expect("a link");
        office.reset(token.trim(), "another long horse").await.expect(204);
        office.reset(token.trim(), "a third long horse").await.refused(410, "link_expired");
        login(&office.server, "ben@example.org", "another long horse").await.expect(200);

        office.server.person("ann").await;
        let taken = user(&office.server, &["set-email", "ben@example.org", "ANN@example.org"]).await;
        assert!(taken.expect_err("it is taken").contains("already has an account"));
        let set = user(&office.server, &["set-email", "ben@example.org", "Benjamin@example.org"]).await;
        assert_eq!(set, Ok("set the address to benjamin@example.org\n".into()));
        login(&office.server, "benjamin@example.org", "another long horse").await.expect(200);
        for words in [&["verify", "nobody@example.org"][..], &["reset-link", "nobody@example.org"]] {
            assert!(user(&office.server, words).await.expect_err("there is none").contains("No account has this e-mail"));
        }
    }

    async fn a_link_handed_over_in_person_verifies_no_address(db: Db) {
        let office = Office::open(db).await;
        office.newcomer("ben").await;
        let printed = user(&office.server, &["reset-link", "ben@example.org"]).await.expect("a link");
        let (_, token) = printed.split_once('#').expect("a link");
        office.reset(token.trim(), "another long horse").await.expect(204);
        let state = office.server.state();
        let (ben, _) = state.services.store.account("ben@example.org").await.expect("an answer").expect("an account");
        assert!(!state.services.accounts.is_verified(&state.services.store, ben.id).await.expect("an answer"));
    }

    async fn an_account_created_by_the_operator_has_a_verified_address(db: Db) {
        let office = Office::open(db).await;
        user(&office.server, &["add", "ann@example.org", "--name", "Ann"]).await.expect("an account");
        let state = office.server.state();
        let (ann, _) = state.services.store.account("ann@example.org").await.expect("an answer").expect("an account");
        assert!(state.services.accounts.is_verified(&state.services.store, ann.id).await.expect("an answer"));
        assert_eq!(office.server.number("SELECT COUNT(*) FROM account_letters").await, 0);
        login(&office.server, "ann@example.org", PASSWORD).await.refused(401, "wrong_credentials");
    }
}
