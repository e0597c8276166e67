//! Secrets are never logged, not even at the most verbose level.

use serde_json::{Value, json};

use super::{
    session,
    socket::{Socket, token},
};
use crate::harness::{LoggedServer, PASSWORD, SmtpServer, on_both_databases, send};

on_both_databases! {
    async fn no_token_and_no_password_is_logged(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        let secret = "the secret of this very server, which is long enough";
        let (smtp_url, metrics) = (format!("--smtp-url={}", smtp.url()), "a-token-for-the-monitors");
        let flags = [
            "--log=trace", &smtp_url, "--mail-from=Lockstep <lockstep@example.org>", "--public-url=http://127.0.0.1",
            &format!("--secret={secret}"), &format!("--metrics-token={metrics}"),
        ];
        let server = LoggedServer::start(&db.fresh(folder.path()).await, &flags).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        // The verification links.
        let mut proofs = Vec::new();
        for _ in 0..2 {
            let proof = smtp.letter().await.token("verify-email");
            server.anonymous().post("/api/auth/verify-email", json!({ "token": proof })).await.expect(200);
            proofs.push(proof);
        }
        let project = ann.project("Board").await;
        ann.invite_by_link(project, &ben, "editor").await;
        let task = ann.task(project, "Card").await;

        // A session, in a valid cookie and in an invalid one.
        let cookie = session(&ann).await;
        let cookie = cookie.split_once('=').expect("a cookie").1.to_owned();
        let stale = "c3RhbGUtc2Vzc2lvbi1vZi1zb21lYm9keS1lbHNlLXh4";
        let asked = server.anonymous().request(reqwest::Method::GET, "/api/me");
        send(asked.header("cookie", format!("lockstep_session={stale}"))).await.expect(401);

        // Socket tokens: in the address and in a frame, invalid ones included.
        let (in_query, in_frame) = (token(&ann).await, token(&ann).await);
        let path = format!("/ws/projects/{project}?token={in_query}");
        Socket::open(server.addr(), &path, &[]).await.frame().await;
        let mut socket = Socket::open(server.addr(), &format!("/ws/projects/{project}"), &[]).await;
        socket.send(json!({ "type": "auth", "token": in_frame })).await;
        socket.frame().await;
        let bad = "eyJiYWQiOiJiYWQifQ.eyJiYWQiOiJiYWQifQ.YmFkLXNpZ25hdHVyZQ";
        let mut socket = Socket::open(server.addr(), &format!("/ws/projects/{project}?token={bad}"), &[]).await;
        assert_eq!(socket.closed().await, 4401);

        // The link in a letter.
        let body = json!({ "body": "@ben look here" });
        ann.post(&format!("/api/tasks/{}/comments", task.id), body).await.expect(201);
        let letter = smtp.letter().await;
        let link = letter.header("List-Unsubscribe").trim_matches(['<', '>']).to_owned();
        let unsubscribe = link.split_once("/unsubscribe/").expect("a link").1.to_owned();
        server.anonymous().get(&format!("/unsubscribe/{unsubscribe}")).await.expect(200);
        send(server.anonymous().request(reqwest::Method::POST, &format!("/unsubscribe/{unsubscribe}"))).await.expect(200);

        // Other links, valid or not, and the redirect target.
        let invitation = "aW52aXRhdGlvbi10b2tlbi1vZi1zb21lYm9keQ";
        for path in ["/invitations/", "/api/invitations/", "/verify/", "/reset/", "/api/auth/reset/", "/elsewhere/"] {
            server.anonymous().get(&format!("{path}{invitation}")).await;
            server.anonymous().get(&format!("/login?next={path}{invitation}")).await;
            server.anonymous().post(&format!("{path}{invitation}/accept"), json!({})).await;
        }

        // The monitoring token, and passwords that are right, wrong, and typed into the wrong field.
        let asked = server.anonymous().request(reqwest::Method::GET, "/metrics");
        send(asked.header("authorization", format!("Bearer {metrics}"))).await;
        let wrong = "wrong-horse-battery";
        for (email, password) in [("ann@example.org", wrong), (wrong, PASSWORD), (wrong, wrong)] {
            server.anonymous().post("/api/auth/login", json!({ "email": email, "password": password })).await.expect(401);
        }
        let broken = server.anonymous().request(reqwest::Method::POST, "/api/auth/login");
        let body = format!("{{\"email\":\"a@b.c\",\"password\":\"{wrong}\",\"more\":\"{wrong}\"}}");
        send(broken.header("content-type", "application/json").body(body)).await;
        let gone: Value = json!({ "current": wrong, "password": "yet-another-password" });
        ann.post("/api/auth/password", gone).await.refused(403, "wrong_password");

        let log = server.log();
        assert!(log.contains("TRACE") && log.contains("event=sign_in"), "it says everything");
        for (what, secret) in [
            ("a session", &*cookie),
            ("a stale session", stale),
            ("a socket token of an address", &in_query),
            ("a socket token of a frame", &in_frame),
            ("a bad socket token", bad),
            ("an unsubscribe link", &unsubscribe),
            ("a proof of an address", &proofs[0]),
            ("another proof", &proofs[1]),
            ("a link of another kind", invitation),
            ("the key", secret),
            ("the monitors' token", metrics),
            ("a password", PASSWORD),
            ("a wrong password", wrong),
            ("a new password", "yet-another-password"),
        ] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{what} is in the log");
            // Nor its signature, if it has one.
            let signature = secret.rsplit('.').next().unwrap_or_default();
            assert!(!log.contains(signature), "the end of {what} is in the log");
        }
    }
}
