//! Accounts of earlier builds whose addresses differ only by case or Unicode form.

use serde_json::json;
use server::{realtime::Timing, service::account::fill_address_keys};

use super::login;
use crate::harness::{PASSWORD, TestServer, on_both_databases};

const COMPOSED: &str = "jos\u{e9}@example.org";
const DECOMPOSED: &str = "jose\u{301}@example.org";

on_both_databases! {
    async fn two_forms_of_an_address_cannot_have_two_accounts(db: Db) {
        let server = TestServer::start(db).await;
        let registered = async |email: &str| {
            let account = json!({ "email": email, "password": PASSWORD, "name": "Somebody" });
            server.anonymous().post("/api/auth/register", account).await
        };
        for (first, forms) in [
            ("ada@example.org", vec!["ADA@EXAMPLE.ORG", "\u{ff41}da@example.org", "ada@\u{ff45}xample.org"]),
            (COMPOSED, vec![DECOMPOSED, "JOSE\u{301}@example.org", "JOS\u{c9}@example.org"]),
            ("stra\u{df}e@example.org", vec!["STRASSE@example.org", "stra\u{1e9e}e@example.org"]),
            ("kim@b\u{fc}cher.example", vec!["kim@xn--bcher-kva.example", "KIM@BU\u{308}CHER.example"]),
        ] {
            registered(first).await.expect(201);
            for form in forms {
                assert_eq!(registered(form).await.refused(409, "email_taken")["field"], "email", "{form}");
                login(&server, form, PASSWORD).await.expect(200);
            }
        }
        let members: i64 = server.number("SELECT COUNT(*) FROM users").await;
        assert_eq!(members, 4);
    }

    async fn of_concurrent_registrations_exactly_one_succeeds(db: Db) {
        let server = TestServer::start(db).await;
        let registered = async |email: &str| {
            let account = json!({ "email": email, "password": PASSWORD, "name": "Somebody" });
            server.anonymous().post("/api/auth/register", account).await.status
        };
        let statuses = tokio::join!(
            registered(COMPOSED),
            registered(DECOMPOSED),
            registered("JOSE\u{301}@EXAMPLE.ORG"),
            registered("jos\u{e9}@ex\u{ff41}mple.org")
        );
        let mut statuses = [statuses.0, statuses.1, statuses.2, statuses.3];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }

    async fn accounts_that_share_an_address_keep_working_and_the_operator_is_warned(db: Db) {
        let server = TestServer::start(db).await;
        let (first, second) = (server.person("first").await, server.person("second").await);
        let project = second.project("Theirs").await;
        // As earlier builds left them: without keys.
        server.execute_text(format!("UPDATE users SET email = '{COMPOSED}' WHERE name = 'first'")).await;
        server.execute_text(format!("UPDATE users SET email = '{DECOMPOSED}' WHERE name = 'second'")).await;
        server.execute("UPDATE users SET email_key = NULL").await;
        let store = &server.state().services.store;
        for _ in 0..2 {
            // At each start, until it is resolved.
            let reported = fill_address_keys(store).await.expect("the database answers");
            assert_eq!(reported, [(COMPOSED.to_owned(), DECOMPOSED.to_owned())]);
        }
        let next = server.beside(Timing::default(), |_| ()).await;
        for (email, whose) in [(COMPOSED, &first), (DECOMPOSED, &second), ("JOS\u{c9}@example.org", &first)] {
            let user: engine::User = login(&next, email, PASSWORD).await.expect(200).field("user");
            assert_eq!(user.id, whose.user().id, "{email}");
        }
        second.get(&format!("/api/projects/{project}")).await.expect(200);
        let account = json!({ "email": COMPOSED, "password": PASSWORD, "name": "Third" });
        next.anonymous().post("/api/auth/register", account).await.refused(409, "email_taken");

        server::service::account::profile::set_address(store, DECOMPOSED, "second@example.org").await.expect("it is free");
        assert_eq!(fill_address_keys(store).await.expect("the database answers"), []);
        login(&next, "SECOND@example.org", PASSWORD).await.expect(200);
    }
}
