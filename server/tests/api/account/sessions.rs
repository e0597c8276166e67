//! Sessions, and how they end.

use std::time::Duration;

use engine::{AccountSession, wire::close};
use reqwest::Method;
use serde_json::json;
use server::{
    config::Config,
    realtime::{Revocation, SessionId, Timing},
};

use crate::{
    harness::{Client, PASSWORD, TestServer, on_both_databases, send},
    realtime::{board, session, socket::Socket},
};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A server whose sweeps close no socket.
async fn server(db: crate::harness::Db) -> TestServer {
    let never = Duration::from_secs(3600);
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(db.fresh(folder.path()).await);
    TestServer::run(config, Timing { access: never, sweep: never, ..Timing::default() }, folder).await
}

/// Signs in as this browser. Returns the cookie.
async fn sign_in(client: &Client, agent: &str) -> String {
    let body = json!({ "email": client.user().email, "password": PASSWORD });
    let request = client.anonymous().request(Method::POST, "/api/auth/login").json(&body).header("user-agent", agent);
    let answer = send(request).await.expect(200);
    answer.headers["set-cookie"].to_str().expect("a text").split(';').next().expect("a cookie").to_owned()
}

async fn list(client: &Client) -> Vec<AccountSession> {
    client.get("/api/account/sessions").await.expect(200).field("sessions")
}

on_both_databases! {
    async fn sessions_are_listed_and_ended_with_their_sockets(db: Db) {
        let server = server(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let (project, _) = board(&ann).await;
        let (firefox, curl) = (sign_in(&ann, FIREFOX).await, sign_in(&ann, "curl/8.5").await);
        let open = async |cookie: &str| {
            let mut socket = Socket::open(server.addr(), &format!("/ws/projects/{project}"), &[("cookie", cookie)]).await;
            socket.frame().await;
            socket
        };
        let (mut on_firefox, mut on_curl) = (open(&firefox).await, open(&curl).await);
        let sessions = list(&ann).await;
        let shown: Vec<_> = sessions.iter().map(|session| (session.current, session.device.as_str())).collect();
        assert_eq!(shown[0], (true, "Unknown device"));
        assert_eq!(shown.len(), 3);
        assert!(shown.contains(&(false, "Firefox on Windows")) && shown.contains(&(false, "curl")), "{shown:?}");
        let now = server::clock::now().millis();
        for session in &sessions {
            assert_eq!(session.address, "127.0.0.1");
            assert!((now - 60_000..=now).contains(&session.last_seen_at.millis()));
        }

        let of = |device: &str| {
            let found = sessions.iter().find(|session| session.device == device).expect("a session");
            format!("/api/account/sessions/{}", found.id)
        };
        // Not those of other users, even by their id.
        eve.delete(&of("Firefox on Windows")).await.refused(404, "session_not_found");
        ann.delete(&format!("/api/account/sessions/{}", ann.user().id)).await.refused(404, "session_not_found");
        ann.delete("/api/account/sessions/x").await.refused(404, "not_found");
        ann.delete(&of("Firefox on Windows")).await.expect(204);
        assert_eq!(on_firefox.closed().await, close::SIGN_IN);
        ann.delete(&of("Firefox on Windows")).await.refused(404, "session_not_found");
        let me = async |cookie: &str| send(ann.anonymous().request(Method::GET, "/api/me").header("cookie", cookie)).await;
        me(&firefox).await.refused(401, "not_signed_in");
        me(&curl).await.expect(200);
        on_curl.send(json!({ "type": "ping" })).await;
        on_curl.frame().await;
        assert_eq!(list(&ann).await.len(), 2);

        // All others at once; none of other users.
        ann.delete("/api/account/sessions").await.expect(204);
        assert_eq!(on_curl.closed().await, close::SIGN_IN);
        assert_eq!(list(&ann).await.len(), 1);
        assert_eq!(list(&eve).await.len(), 1);
    }

    async fn the_current_session_can_be_ended(db: Db) {
        let server = server(db).await;
        let ann = server.person("ann").await;
        let own = list(&ann).await[0].id;
        ann.delete(&format!("/api/account/sessions/{own}")).await.expect(204);
        ann.get("/api/me").await.refused(401, "not_signed_in");
    }

    async fn a_session_ends_at_its_maximum_age_even_if_used(db: Db) {
        let server = TestServer::start_with(db, |config| config.accounts.session_days = 10).await;
        let ann = server.person("ann").await;
        let begun = server.number("SELECT created_at FROM sessions").await;
        assert_eq!(server.number("SELECT expires_at FROM sessions").await, begun + 10 * DAY_MS);
        // A sign-out elsewhere clears the session cache.
        let look_again = || server.state().services.realtime.revoke(Revocation::Session(SessionId::of("another")));
        server.execute("UPDATE sessions SET created_at = created_at - 863000000, expires_at = expires_at - 863500000").await;
        look_again();
        ann.get("/api/me").await.expect(200);
        let left = server.number("SELECT expires_at - created_at FROM sessions").await;
        assert!(left <= 10 * DAY_MS, "put off beyond its end: {left}");
        server.execute("UPDATE sessions SET created_at = created_at - 1000001, expires_at = expires_at + 864000000").await;
        look_again();
        ann.get("/api/me").await.refused(401, "not_signed_in");
        let forgotten = server.state().services.accounts.forget_expired(&server.state().services.store, server::clock::now()).await;
        assert_eq!(forgotten.expect("the database answers"), 1);
    }

    async fn the_last_device_of_a_session_is_updated(db: Db) {
        let server = server(db).await;
        let ann = server.person("ann").await;
        server.execute("UPDATE sessions SET last_seen_at = last_seen_at - 3600000, address = '192.0.2.1'").await;
        server.state().services.realtime.revoke(Revocation::Session(SessionId::of("another")));
        send(ann.request(Method::GET, "/api/me").header("user-agent", FIREFOX)).await.expect(200);
        let sessions = list(&ann).await;
        assert_eq!((sessions[0].device.as_str(), sessions[0].address.as_str()), ("Firefox on Windows", "127.0.0.1"));
        let ago = server::clock::now().millis() - sessions[0].last_seen_at.millis();
        assert!((0..60_000).contains(&ago), "{ago}");
    }

    async fn sessions_of_earlier_builds_are_listed_and_ended(db: Db) {
        let server = server(db).await;
        let ann = server.person("ann").await;
        session(&ann).await;
        server.execute("UPDATE sessions SET user_agent = '', address = '', last_seen_at = NULL").await;
        let sessions = list(&ann).await;
        assert!(sessions.iter().all(|session| session.device == "Unknown device" && session.address.is_empty()));
        let other = sessions.iter().find(|session| !session.current).expect("another one");
        ann.delete(&format!("/api/account/sessions/{}", other.id)).await.expect(204);
    }
}
