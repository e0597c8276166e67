//! Forgotten passwords, and abuse of the reset.

use std::time::Duration;

use engine::wire::close;
use serde_json::json;
use server::realtime::Timing;

use super::{Office, account, login, move_to};
use crate::{
    harness::{PASSWORD, on_both_databases},
    realtime::{board, session, socket::Socket},
};

const NEW: &str = "another long horse";

on_both_databases! {
    async fn a_link_sets_a_password_once_and_ends_all_sessions(db: Db) {
        let mut office = Office::open_with(db, |_| ()).await;
        // Only immediate messages can close a socket here.
        let never = Duration::from_secs(3600);
        let timing = Timing { access: never, sweep: never, ..Timing::default() };
        let node = office.server.beside(timing, office.smtp.settings()).await;
        let ann = node.person("ann").await;
        let (project, _) = board(&ann).await;
        let cookie = session(&ann).await;
        let path = format!("/ws/projects/{project}");
        let mut socket = Socket::open(node.addr(), &path, &[("cookie", &cookie), ("host", "board.example.org")]).await;
        socket.frame().await;
        office.forget("ann@example.org").await.expect(204);
        let token = office.token("ann@example.org", "reset-password").await;
        let hashes = office.server.texts("SELECT token_hash FROM account_letters".into()).await;
        assert!(token.len() >= 43 && hashes.len() == 1 && hashes[0] != token, "256 bits, and stored hashed");

        // A refused password does not use the link up.
        let reset = async |password: &str| {
            node.anonymous().post("/api/auth/reset-password", json!({ "token": token, "password": password })).await
        };
        for weak in ["short", "ann@example.org", "password123"] {
            assert_eq!(reset(weak).await.expect(422).field::<serde_json::Value>("error")["field"], "password");
        }
        let (one, two) = tokio::join!(reset(NEW), reset("a third long horse"));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 410]);
        assert_eq!(socket.closed().await, close::SIGN_IN);
        ann.get("/api/me").await.refused(401, "not_signed_in");
        login(&node, "ann@example.org", PASSWORD).await.refused(401, "wrong_credentials");
        let mut works = 0;
        for password in [NEW, "a third long horse"] {
            works += usize::from(login(&node, "ann@example.org", password).await.status == 200);
        }
        assert_eq!(works, 1);
        assert_eq!(reset(NEW).await.refused(410, "link_expired")["field"], "token");
        office.deliver().await;
        assert_eq!(office.smtp.letter().await.header("Subject"), "Your password has changed");
    }

    async fn known_and_unknown_addresses_get_the_same_response(db: Db) {
        let mut office = Office::open(db).await;
        office.server.person("ann").await;
        office.server.person("gone").await;
        office.server.execute("UPDATE users SET disabled_at = 1 WHERE name = 'gone'").await;
        let known = office.forget("ann@example.org").await;
        for other in ["nobody@example.org", "gone@example.org"] {
            let answer = office.forget(other).await;
            let names = |answer: &crate::harness::Answer| {
                let names = answer.headers.keys().map(ToString::to_string);
                names.collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!((answer.status, &answer.text, names(&answer)), (known.status, &known.text, names(&known)));
        }
        // The request does the same work too: one row without a user.
        let rows = office.server.number("SELECT COUNT(*) FROM account_letters").await;
        assert_eq!(rows, 3);
        office.deliver().await;
        assert_eq!(office.smtp.letter().await.to, "ann@example.org");
        assert!(office.smtp.is_empty(), "nobody else is written to");
        assert_eq!(office.forget("ann").await.refused(422, "invalid")["field"], "email");
    }

    async fn a_reset_link_is_valid_for_half_an_hour(db: Db) {
        let mut office = Office::open(db).await;
        office.server.person("ann").await;
        office.forget("ann@example.org").await.expect(204);
        let token = office.token("ann@example.org", "reset-password").await;
        let life = office.server.number("SELECT expires_at - sent_at FROM account_letters").await;
        assert!((29 * 60_000..=30 * 60_000).contains(&life), "{life}");
        office.confirm(&token).await.refused(410, "link_expired");
        office.server.execute("UPDATE account_letters SET expires_at = expires_at - 1800001").await;
        office.reset(&token, NEW).await.refused(410, "link_expired");
        login(&office.server, "ann@example.org", PASSWORD).await.expect(200);
    }

    async fn a_reset_invalidates_all_other_links(db: Db) {
        let mut office = Office::open(db).await;
        office.server.person("ann").await;
        office.forget("ann@example.org").await.expect(204);
        let first = office.token("ann@example.org", "reset-password").await;
        office.forget("ann@example.org").await.expect(204);
        let second = office.token("ann@example.org", "reset-password").await;
        let answer = office.reset(&second, NEW).await.expect(204);
        let cookie = answer.headers["set-cookie"].to_str().expect("a text");
        assert!(cookie.starts_with("lockstep_device="), "whoever reads the letters is no stranger: {cookie}");
        office.reset(&first, "a third long horse").await.refused(410, "link_expired");
        login(&office.server, "ann@example.org", NEW).await.expect(200);
    }

    async fn tokens_cannot_be_guessed(db: Db) {
        let office = Office::open_with(db, |config| config.accounts.auth_limit = 3).await;
        for _ in 0..3 {
            office.reset("guessed", NEW).await.refused(410, "link_expired");
        }
        office.reset("guessed", NEW).await.refused(429, "too_many_attempts");
        office.confirm("guessed").await.refused(429, "too_many_attempts");
    }

    async fn a_letter_goes_to_the_stored_address_and_not_to_a_lookalike(db: Db) {
        let mut office = Office::open(db).await;
        let registration = json!({ "email": "stra\u{df}e@example.org", "password": PASSWORD, "name": "Ann" });
        office.server.anonymous().post("/api/auth/register", registration).await.expect(201);
        office.smtp.know_utf8();
        office.deliver().await;
        office.smtp.letter().await;
        office.forget("strasse@example.org").await.expect(204);
        let token = office.token("stra\u{df}e@example.org", "reset-password").await;
        office.reset(&token, NEW).await.expect(204);
        login(&office.server, "stra\u{df}e@example.org", NEW).await.expect(200);
    }

    async fn a_letter_to_a_former_address_resets_nothing(db: Db) {
        let mut office = Office::open(db).await;
        let ann = office.server.person("ann").await;
        office.forget("ann@example.org").await.expect(204);
        let reset = office.token("ann@example.org", "reset-password").await;
        move_to(&ann, "new@example.org").await.expect(200);
        let verify = office.token("new@example.org", "verify-email").await;
        office.confirm(&verify).await.expect(200);
        office.reset(&reset, NEW).await.refused(410, "link_expired");
        office.forget("ann@example.org").await.expect(204);
        office.deliver().await;
        let mut resets = 0;
        while !office.smtp.is_empty() {
            resets += usize::from(office.smtp.letter().await.header("Subject") == "Choose a new password");
        }
        assert_eq!(resets, 0, "nobody has that address any more");
    }

    async fn a_reset_by_letter_verifies_the_address(db: Db) {
        let mut office = Office::open(db).await;
        // Someone creates an account with an address that is not theirs.
        let thief = office.newcomer("ann").await;
        office.token("ann@example.org", "verify-email").await;
        office.forget("ann@example.org").await.expect(204);
        let token = office.token("ann@example.org", "reset-password").await;
        office.reset(&token, NEW).await.expect(204);
        thief.get("/api/me").await.refused(401, "not_signed_in");
        let ann = office.server.anonymous();
        ann.post("/api/auth/login", json!({ "email": "ann@example.org", "password": NEW })).await.expect(200);
        assert!(account(&ann).await.email_verified);
    }

    async fn a_letter_is_retried_after_a_failure_of_the_mail_server(db: Db) {
        let mut office = Office::open(db).await;
        office.server.person("ann").await;
        office.smtp.refuse(1);
        office.forget("ann@example.org").await.expect(204);
        let tried = "SELECT tries FROM account_letters";
        let mailer = office.server.state().mailer().expect("good settings").expect("e-mail is set up");
        mailer.deliver(server::clock::now()).await.expect("the database answers");
        crate::realtime::until("it was tried", async || office.server.number(tried).await == 1).await;
        assert!(office.smtp.is_empty());
        mailer.deliver(server::clock::now().plus(61_000)).await.expect("the database answers");
        let token = office.smtp.letter().await.token("reset-password");
        office.reset(&token, NEW).await.expect(204);
    }
}
