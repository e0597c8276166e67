//! Registration, signing in and out, and their protection.

use reqwest::{Method, header::SET_COOKIE};
use serde_json::{Value, json};
use server::{
    config::{Config, RegistrationPolicy},
    realtime::Revocation,
    store::access::SessionId,
};

use crate::harness::{Answer, Client, Db, PASSWORD, TestServer, on_both_databases, send};

/// 29 days in milliseconds: a session that was just extended ends later than that.
const ALMOST_A_SESSION: i64 = 29 * 24 * 60 * 60 * 1000;

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/auth/login", json!({ "email": email, "password": password })).await
}

fn cookie(answer: &Answer) -> &str {
    answer.headers[SET_COOKIE].to_str().expect("a text")
}

on_both_databases! {
    async fn a_new_user_is_signed_in_until_they_sign_out(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let me: Value = ada.get("/api/me").await.expect(200).field("user");
        assert_eq!((&me["email"], &me["name"]), (&json!("ada@example.org"), &json!("ada")));
        assert!(me.get("password_hash").is_none());
        ada.post("/api/auth/logout", json!({})).await.expect(204);
        ada.get("/api/me").await.refused(401, "not_signed_in");
        login(&ada, "ada@example.org", PASSWORD).await.expect(200);
        ada.get("/api/me").await.expect(200);
    }

    async fn signing_out_invalidates_the_token(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let answer = login(&ada, "ada@example.org", PASSWORD).await;
        let stolen = cookie(&answer).split(';').next().expect("a cookie").to_owned();
        let thief = server.anonymous();
        let me = || send(thief.request(Method::GET, "/api/me").header("cookie", &stolen));
        me().await.expect(200);
        ada.post("/api/auth/logout", json!({})).await.expect(204);
        me().await.refused(401, "not_signed_in");
    }

    async fn an_address_has_one_account_in_any_spelling(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let again = json!({ "email": " ADA@Example.org ", "password": PASSWORD, "name": "Ada" });
        let error = ada.post("/api/auth/register", again).await.refused(409, "email_taken");
        assert_eq!(error["field"], "email");
        login(&server.anonymous(), "Ada@EXAMPLE.org", PASSWORD).await.expect(200);
    }

    async fn a_wrong_password_and_an_unknown_address_look_the_same(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let wrong = login(&ada, "ada@example.org", "wrong horse").await;
        let unknown = login(&ada, "bob@example.org", PASSWORD).await;
        assert_eq!(wrong.text, unknown.text);
        wrong.refused(401, "wrong_credentials");
        unknown.refused(401, "wrong_credentials");
    }

    async fn a_session_in_use_is_extended_and_an_unused_one_ends(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let now = server::clock::now().millis();
        server.execute("UPDATE sessions SET expires_at = expires_at - 1000000000").await;
        assert!(server.number("SELECT expires_at FROM sessions").await < now + ALMOST_A_SESSION);
        ada.get("/api/me").await.expect(200);
        assert!(server.number("SELECT expires_at FROM sessions").await > now + ALMOST_A_SESSION);
        server.execute("UPDATE sessions SET expires_at = 1").await;
        // Any revocation makes the server look up all sessions again.
        server.state().services.realtime.revoke(Revocation::Session(SessionId::of("another")));
        ada.get("/api/me").await.refused(401, "not_signed_in");
    }

    async fn the_database_contains_neither_passwords_nor_tokens(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let answer = login(&ada, "ada@example.org", PASSWORD).await;
        let token = cookie(&answer).split(['=', ';']).nth(1).expect("a token").to_owned();
        assert!(token.len() >= 43, "256 bits: {token}");
        let known = server.state().services.store.account("ada@example.org").await.expect("an answer").expect("an account");
        assert!(known.1.starts_with("$argon2id$") && !known.1.contains(PASSWORD));
        let id = token.parse().expect("as long as the id of a session");
        let session = server.state().services.store.session(id, server::clock::now()).await.expect("an answer");
        assert!(session.is_none(), "the token itself is no key");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn the_cookie_is_inaccessible_to_scripts_and_other_sites() {
    let server = TestServer::start(Db::Sqlite).await;
    server.person("ada").await;
    let answer = login(&server.anonymous(), "ada@example.org", PASSWORD).await;
    let cookie = cookie(&answer);
    assert!(cookie.starts_with("lockstep_session="), "{cookie}");
    for flag in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(flag), "{flag}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain HTTP: {cookie}");
}

#[tokio::test(crate = "crate::harness")]
async fn behind_tls_the_cookie_is_bound_to_the_host() {
    let server = TestServer::start_with(Db::Sqlite, |config: &mut Config| config.proxy.trusted = true).await;
    server.person("ada").await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let request = server.anonymous().request(Method::POST, "/api/auth/login").json(&body);
    let answer = send(request.header("x-forwarded-proto", "https")).await.expect(200);
    let cookie = cookie(&answer);
    assert!(cookie.starts_with("__Host-lockstep_session=") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test(crate = "crate::harness")]
async fn too_many_attempts_are_refused_for_that_account_only() {
    let server = TestServer::start_with(Db::Sqlite, |config: &mut Config| config.accounts.auth_limit = 3).await;
    server.person("ada").await;
    server.person("bob").await;
    // From another device: hers has its own limit.
    let ada = server.anonymous();
    for _ in 0..2 {
        login(&ada, "ada@example.org", "wrong horse").await.refused(401, "wrong_credentials");
    }
    let answer = login(&ada, "ADA@example.org", PASSWORD).await;
    let wait: u64 = answer.headers["retry-after"].to_str().expect("a text").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    answer.refused(429, "too_many_attempts");
    login(&ada, "bob@example.org", PASSWORD).await.expect(200);
}

#[tokio::test(crate = "crate::harness")]
async fn guessing_across_accounts_is_refused_too() {
    let server = TestServer::start_with(Db::Sqlite, |config: &mut Config| config.accounts.auth_limit = 1).await;
    let stranger = server.anonymous();
    let mut refusals = 0;
    for index in 0..12 {
        let answer = login(&stranger, &format!("person{index}@example.org"), PASSWORD).await;
        refusals += usize::from(answer.status == 429);
    }
    assert!((1..=2).contains(&refusals), "{refusals} of 12 at 10 accounts a minute");
}

#[tokio::test(crate = "crate::harness")]
async fn a_closed_server_creates_no_accounts() {
    let closed = |config: &mut Config| config.accounts.registration = RegistrationPolicy::Closed;
    let server = TestServer::start_with(Db::Sqlite, closed).await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "name": "Ada" });
    server.anonymous().post("/api/auth/register", body).await.refused(403, "registration_closed");
}

#[tokio::test(crate = "crate::harness")]
async fn an_account_needs_an_address_a_name_and_a_password() {
    let server = TestServer::start(Db::Sqlite).await;
    let good = json!({ "email": "ada@example.org", "password": PASSWORD, "name": "Ada" });
    for (field, bad) in [("email", "ada"), ("password", "short"), ("name", "  ")] {
        let mut body = good.clone();
        body[field] = json!(bad);
        let error = server.anonymous().post("/api/auth/register", body).await.refused(422, "invalid");
        assert_eq!(error["field"], field);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_page_of_another_site_cannot_write() {
    let server = TestServer::start(Db::Sqlite).await;
    let ada = server.person("ada").await;
    for path in ["/api/projects", "/api/auth/logout", "/api/auth/login"] {
        let request = ada.request(Method::POST, path).json(&json!({ "name": "Engine" }));
        send(request.header("origin", "https://evil.example")).await.refused(403, "bad_origin");
    }
    let own = format!("http://{}", server.addr());
    let request = ada.request(Method::POST, "/api/projects").json(&json!({ "name": "Engine" }));
    send(request.header("origin", own)).await.expect(201);
}
