//! A page acts only as the user whom it shows: requests that name another user are refused, everywhere.

use engine::wire::{ServerFrame, close};
use serde_json::{Value, json};

use super::socket::{Socket, token};
use crate::{
    docs::{NOBODY, operations},
    harness::{Answer, Client, PASSWORD, TestServer, new_op, on_both_databases, send},
};

const HEADER: &str = "lockstep-user";
/// Routes for which the session's user does not matter.
const OPEN: [&str; 6] = [
    "/api/auth/login",
    "/api/auth/register",
    "/api/auth/forgot-password",
    "/api/auth/reset-password",
    "/api/auth/verify-email",
    "/api/site",
];

/// Sends a request like a page that shows this user.
async fn ask(client: &Client, method: &str, path: &str, user: &str, body: &Value) -> Answer {
    let request = client.request(method.parse().expect("a method"), path).header(HEADER, user);
    send(if method == "GET" { request } else { request.json(body) }).await
}

/// The cookie of a browser in which a user has signed in anew.
async fn cookie(client: &Client) -> String {
    let body = json!({ "email": client.user().email, "password": PASSWORD });
    let answer = client.anonymous().post("/api/auth/login", body).await.expect(200);
    let cookie = answer.headers["set-cookie"].to_str().expect("a text");
    cookie.split_once(';').expect("attributes").0.to_owned()
}

on_both_databases! {
    async fn every_route_refuses_a_page_of_another_user(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let project = bea.project("Bea's").await;
        let task = bea.task(project, "One").await;
        let document: Value = bea.get("/api/openapi.json").await.expect(200).json();
        let routes = operations(&document);
        assert!(routes.len() > 40, "{}", routes.len());
        let before = bea.board(project).await;
        for (method, path) in routes {
            let open = OPEN.contains(&path.as_str());
            let path = path.replace("{project_id}", &project.to_string()).replace("{task_id}", &task.id.to_string());
            let path = path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            for body in [json!({}), json!({ "title": "Ann's" })] {
                let foreign = ask(&bea, &method, &path, &ann.user().id.to_string(), &body).await;
                let malformed = ask(&bea, &method, &path, "ann", &body).await;
                malformed.refused(400, "bad_user");
                if open {
                    assert!(!foreign.text.contains("other_user"), "{method} {path}: {}", foreign.text);
                } else {
                    foreign.refused(409, "other_user");
                }
            }
            // Clients without a session get that error, as always.
            let stranger = ask(&server.anonymous(), &method, &path, &ann.user().id.to_string(), &json!({})).await;
            assert!(!stranger.text.contains("other_user"), "{method} {path}: {}", stranger.text);
        }
        assert_eq!(bea.board(project).await, before, "nothing was done");
        bea.get("/api/me").await.expect(200);
    }

    async fn a_refused_op_can_be_sent_again_by_its_author(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let project = ann.project("Shared").await;
        ann.invite(project, &bea, "editor").await;
        let (path, op) = (format!("/api/projects/{project}/tasks"), new_op().to_string());
        let as_ann = |session: &Client| {
            let request = session.request(reqwest::Method::POST, &path).header(HEADER, ann.user().id.to_string());
            request.header("idempotency-key", &op).json(&json!({ "title": "Ann's" }))
        };
        send(as_ann(&bea)).await.refused(409, "other_user");
        assert!(ann.board(project).await.tasks.is_empty());
        let made: Value = send(as_ann(&ann)).await.expect(201).field("task");
        assert_eq!(made["created_by"], json!(ann.user().id));
        // Scripts need not name a user.
        bea.post(&path, json!({ "title": "Bea's" })).await.expect(201);
    }

    async fn signing_out_on_another_users_page_ends_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let user = ann.user().id.to_string();
        ask(&bea, "POST", "/api/auth/logout", &user, &json!({})).await.refused(409, "other_user");
        bea.get("/api/me").await.expect(200);
        // Downloads are links, which have no headers.
        let csv = |client: &Client| {
            let (client, path) = (client.clone(), format!("/api/oversight/workload.csv?page_user={user}"));
            async move { client.get(&path).await }
        };
        csv(&bea).await.refused(409, "other_user");
        csv(&ann).await.expect(200);
    }

    async fn a_socket_of_another_users_page_is_closed_for_good(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let project = ann.project("Shared").await;
        ann.invite(project, &bea, "editor").await;
        let (addr, cookie) = (server.addr(), cookie(&bea).await);
        let (anns, beas) = (ann.user().id, bea.user().id);
        for path in [format!("/ws/projects/{project}"), "/ws/notifications".to_owned()] {
            let by_cookie = [("cookie", cookie.as_str())];
            let mut foreign = Socket::open(addr, &format!("{path}?user={anns}"), &by_cookie).await;
            assert_eq!(foreign.closed().await, close::OTHER_USER);
            let mut malformed = Socket::open(addr, &format!("{path}?user=ann"), &by_cookie).await;
            assert_eq!(malformed.closed().await, close::BAD_FRAME);
            let by_token = format!("{path}?user={anns}&token={}", token(&bea).await);
            assert_eq!(Socket::open(addr, &by_token, &[]).await.closed().await, close::OTHER_USER);
            let mut by_frame = Socket::open(addr, &format!("{path}?user={anns}"), &[]).await;
            by_frame.send(json!({ "type": "auth", "token": token(&bea).await })).await;
            assert_eq!(by_frame.closed().await, close::OTHER_USER);
            let mut own = Socket::open(addr, &format!("{path}?user={beas}"), &by_cookie).await;
            let first = own.next().await.expect("it stays open");
            assert!(matches!(first, ServerFrame::Sync(_) | ServerFrame::UnreadSync { .. }), "{first:?}");
        }
    }

    async fn a_page_names_its_user_in_the_document(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let mark = format!("<meta name=\"lockstep-user\" content=\"{}\"", ann.user().id);
        assert!(ann.get("/").await.expect(200).text.contains(&mark));
        assert!(!server.anonymous().get("/login").await.expect(200).text.contains("lockstep-user\" content"));
    }
}
