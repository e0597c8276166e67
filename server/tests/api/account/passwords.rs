//! Rules for passwords, and passwords of earlier builds.

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use serde_json::{Value, json};

use super::login;
use crate::harness::{Answer, PASSWORD, TestServer, on_both_databases};

/// A hash as earlier builds made it, of the typed form.
fn hash(typed: &str) -> String {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).expect("good parameters");
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password(typed.as_bytes()).expect("a hash").to_string()
}

#[track_caller]
fn refused(answer: Answer, code: &str, what: &str) {
    let error: Value = answer.expect(422).field("error");
    assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!("password")), "{what}: {error}");
}

on_both_databases! {
    async fn weak_passwords_are_refused_wherever_one_is_chosen(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("grace").await;
        for (bad, code) in [
            ("short", "invalid"),
            ("nine char", "invalid"),
            ("1234567890", "weak_password"),
            ("Password123!", "weak_password"),
            ("aaaaaaaaaaaa", "weak_password"),
            ("grace@example.org", "weak_password"),
            ("GraceGrace1906", "weak_password"),
        ] {
            let account = json!({ "email": "grace2@example.org", "password": bad, "name": "Grace" });
            refused(server.anonymous().post("/api/auth/register", account).await, code, bad);
            let change = json!({ "current": PASSWORD, "password": bad });
            refused(ann.post("/api/auth/password", change).await, code, bad);
        }
        // The rules are for users who know the current password; others get that error first.
        let change = json!({ "current": "wrong horse", "password": "short" });
        ann.post("/api/auth/password", change).await.refused(403, "wrong_password");
        login(&server, "grace@example.org", PASSWORD).await.expect(200);
    }

    async fn passwords_from_before_the_rules_still_sign_in(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        for old in ["8 chars!", "password", "12345678", "ann@example.org"] {
            server.execute_text(format!("UPDATE users SET password_hash = '{}'", hash(old))).await;
            login(&server, "ann@example.org", old).await.expect(200);
        }
        let change = json!({ "current": "ann@example.org", "password": "another horse" });
        ann.post("/api/auth/password", change).await.expect(204);
    }

    async fn a_password_is_the_same_in_any_unicode_form(db: Db) {
        let server = TestServer::start(db).await;
        let (composed, decomposed) = ("caf\u{e9} \u{c5}ngstr\u{f6}m", "cafe\u{301} A\u{30a}ngstro\u{308}m");
        let account = json!({ "email": "ann@example.org", "password": decomposed, "name": "Ann" });
        server.anonymous().post("/api/auth/register", account).await.expect(201);
        for typed in [composed, decomposed, "caf\u{e9} \u{212b}ngstr\u{f6}m", "ｃaf\u{e9} \u{c5}ngstr\u{f6}m"] {
            login(&server, "ann@example.org", typed).await.expect(200);
        }
        login(&server, "ann@example.org", "cafe Angstrom").await.refused(401, "wrong_credentials");
    }

    async fn a_hash_of_the_typed_form_is_replaced_by_one_of_the_normal_form(db: Db) {
        let server = TestServer::start(db).await;
        server.person("ann").await;
        let (composed, decomposed) = ("caf\u{e9} society", "cafe\u{301} society");
        server.execute_text(format!("UPDATE users SET password_hash = '{}'", hash(decomposed))).await;
        login(&server, "ann@example.org", composed).await.refused(401, "wrong_credentials");
        login(&server, "ann@example.org", decomposed).await.expect(200);
        for typed in [composed, decomposed] {
            login(&server, "ann@example.org", typed).await.expect(200);
        }
    }
}
