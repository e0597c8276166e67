//! Where the tokens of invitations are, and where they are not.

use engine::{Invitation, Method, Request};
use serde_json::{Value, json};
use server::realtime::Timing;

use super::{accept, invite, open, path, token};
use crate::harness::{Answer, TestServer, new_op, on_both_databases};

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

on_both_databases! {
    async fn a_copy_of_the_database_contains_no_valid_link(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let project = ann.project("Garden").await;
        let request = || Request::new(Method::Post, path(project)).json(json!({ "role": "owner" }));
        let op = new_op();
        let first: Invitation = ann.op(request(), op).await.expect(201).field("invitation");
        let token = token(&first);
        assert!(token.len() >= 43, "256 bits: {token}");
        // A repeated request returns the same invitation with the same link, which no stored response contains.
        let again: Invitation = ann.op(request(), op).await.expect(201).field("invitation");
        assert_eq!(again, first);
        assert_eq!(open(&ann, project).await, [first]);
        eve.post(&accept(&token), json!({})).await.expect(200);
        let mut stored = Vec::new();
        for (table, columns) in [
            ("invitations", "concat(id, ' ', token_hash, ' ', token_seed, ' ', email, ' ', mail_error)"),
            ("client_ops", "concat(op_id, ' ', request_hash, ' ', answer)"),
            ("project_events", "frame"),
        ] {
            stored.extend(server.texts(format!("SELECT {columns} FROM {table}")).await);
        }
        assert!(stored.len() >= 3);
        for text in stored {
            assert!(!text.contains(&token), "{text}");
            // No stored value is a token.
            for word in text.split([' ', '"']).filter(|word| word.len() >= 40) {
                assert_eq!(eve.post(&accept(word), json!({})).await.status, 404, "{word}");
            }
        }
    }

    async fn a_used_link_is_not_shown_again(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let request = || Request::new(Method::Post, path(project)).json(json!({ "role": "viewer" }));
        let op = new_op();
        let first: Invitation = ann.op(request(), op).await.expect(201).field("invitation");
        ben.post(&accept(&token(&first)), json!({})).await.expect(200);
        let again: Invitation = ann.op(request(), op).await.expect(201).field("invitation");
        assert_eq!((again.id, again.url), (first.id, None));
    }

    async fn a_node_with_another_secret_knows_the_invitation_but_not_its_link(db: Db) {
        let server = TestServer::start(db).await;
        let other = server.beside(Timing::default(), |config| config.secret = Some("another secret of thirty-two letters".into())).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (made, token) = invite(&ann, project, json!({ "role": "viewer" })).await;
        let there = ann.at(other.addr());
        assert_eq!(open(&there, project).await, [Invitation { url: None, ..made }]);
        ben.at(other.addr()).post(&accept(&token), json!({})).await.expect(200);
    }

    async fn the_page_is_public_and_leaks_its_address_to_no_one(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let hostile = "</title><script>alert(1)</script>";
        let project = ann.project(hostile).await;
        let (_, token) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "editor" })).await;
        let page = format!("/invitations/{token}");
        for client in [&server.anonymous(), &ann, &ben] {
            let answer = client.get(&page).await.expect(200);
            assert!(answer.text.contains("alert(1)") && !answer.text.contains("<script>alert(1)"), "{}", answer.text);
            assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
            assert_eq!(header(&answer, "cache-control"), "no-store");
            assert_eq!(header(&answer, "x-robots-tag"), "noindex");
        }
        // Nor do the pages that lead back to it.
        for outside in ["/login", "/register"] {
            let answer = server.anonymous().get(&format!("{outside}?next={page}")).await.expect(200);
            assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        }
        assert!(server.anonymous().get("/invitations/nonsense").await.expect(404).text.contains("invitation"));
        server.execute("UPDATE invitations SET expires_at = 1").await;
        assert!(server.anonymous().get(&page).await.expect(410).text.contains("expired"));
        // Without a token there is no page for strangers.
        let site = server.anonymous().get("/api/site").await.expect(200).json::<Value>();
        assert!(site.get("invitations").is_none());
    }
}
