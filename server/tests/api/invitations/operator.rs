//! Invitations by the operator.

use engine::{InvitationOffer, Role};
use serde_json::json;
use tokio::process::Command;

use super::{accept, open};
use crate::harness::{TestServer, on_both_databases};

/// The output of `lockstep invite …`, or the reason of its failure.
async fn invite(server: &TestServer, words: &[&str]) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.arg("invite").args(words).args(["--database-url", &server.state().config.database_url()]);
    command.args(["--secret", server.state().config.secret.as_deref().expect("a secret")]);
    if server.state().config.database.pgbouncer {
        command.arg("--pgbouncer");
    }
    let output = command.arg("--data-dir").arg(folder.path()).kill_on_drop(true).output().await.expect("lockstep runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

on_both_databases! {
    async fn the_operator_invites_lists_and_revokes(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let id = project.to_string();
        let made = invite(&server, &["add", &id, "--email", "Ben@example.org", "--role", "owner"]).await.expect("made");
        let token = made.trim().rsplit('/').next().expect("a link").to_owned();
        assert!(made.contains("for ben@example.org as owner"), "{made}");
        let listed = invite(&server, &["list", &id]).await.expect("a list");
        assert!(listed.contains(&token), "{listed}");
        let seen = open(&ann, project).await;
        assert_eq!((seen.len(), seen[0].invited_by.clone(), seen[0].role), (1, None, Role::Owner));
        let offer: InvitationOffer = ben.get(&format!("/api/invitations/{token}")).await.expect(200).field("invitation");
        assert_eq!(offer.invited_by, None);
        ben.post(&accept(&token), json!({})).await.expect(200);

        let link = invite(&server, &["add", &id]).await.expect("made");
        assert!(link.contains("as editor") && link.contains("whoever uses the link first"), "{link}");
        let open = open(&ann, project).await[0].id.to_string();
        invite(&server, &["revoke", &open]).await.expect("revoked");
        assert!(invite(&server, &["revoke", &open]).await.expect_err("it has ended").contains("no such open invitation"));
        assert!(invite(&server, &["list", &id]).await.expect("a list").is_empty());
        let error = invite(&server, &["add", &id, "--email", "ben@example.org"]).await.expect_err("they are in");
        assert!(error.contains("already in this project"), "{error}");
        ann.delete(&format!("/api/projects/{project}")).await.expect(200);
        assert!(invite(&server, &["add", &id]).await.expect_err("it is gone").contains("project doesn't exist"));
    }
}
