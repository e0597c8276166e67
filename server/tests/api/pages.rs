//! Server-rendered pages, before any script runs.

use std::sync::Arc;

use engine::Snapshot;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Answer, LoggedServer, TestServer, on_both_databases};

/// A nonce of the server's, and what would be an injected script.
const HOSTILE: &str = "</title></script></textarea><script>alert(1)</script>";

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

on_both_databases! {
    async fn a_board_is_in_the_first_paint(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "Mill the gears").await;
        let page = ada.get(&format!("/projects/{project}")).await.expect(200);
        assert!(page.text.contains("Mill the gears"), "{}", page.text);
        assert!(page.text.contains(&format!("data-task-id=\"{}\"", task.id)), "{}", page.text);
        assert_eq!(header(&page, "cache-control"), "no-store");
    }

    async fn text_that_looks_like_a_script_stays_text(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, HOSTILE).await;
        let patch = json!({ "description": HOSTILE, "version": task.version });
        ada.patch(&format!("/api/tasks/{}", task.id), patch).await.expect(200);
        for path in [format!("/projects/{project}"), format!("/projects/{project}?task={}", task.id)] {
            let page = ada.get(&path).await.expect(200);
            assert!(page.text.contains("alert(1)"), "the task is not in the page");
            assert!(!page.text.contains("<script>alert(1)"), "{}", page.text);
        }
    }

    async fn a_board_of_others_is_not_found(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, eve) = (server.person("ada").await, server.person("eve").await);
        let project = ada.project("Engine").await;
        ada.task(project, "Mill the gears").await;
        let page = eve.get(&format!("/projects/{project}")).await.expect(404);
        assert!(!page.text.contains("Mill the gears"));
    }

    async fn the_demo_is_created_once(db: Db) {
        let server = TestServer::start_with(db, |config| config.demo = true).await;
        let site: serde_json::Value = server.anonymous().get("/api/site").await.expect(200).json();
        let accounts = site["demo"].as_array().expect("demo accounts");
        assert_eq!(accounts.len(), 2);
        for account in accounts {
            let client = server.anonymous();
            let credentials = json!({ "email": account["email"], "password": account["password"] });
            client.post("/api/auth/login", credentials).await.expect(200);
            let projects: Vec<engine::Project> = client.get("/api/projects").await.expect(200).field("projects");
            assert_eq!(projects.len(), 1);
            let board: Snapshot = client.board(projects[0].id).await;
            assert_eq!((board.statuses.len(), board.members.len(), board.seq), (5, 6, 0));
            assert!((50..=70).contains(&board.tasks.len()));
        }
        assert!(!server::service::demo::make(&server.state().services).await.expect("the database answers"));
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_stranger_signs_in_first_and_comes_back() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let response = http.get(format!("http://{}/projects/1?task=2", server.addr())).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "/login?next=/projects/1%3Ftask%3D2");
}

#[tokio::test(crate = "crate::harness")]
async fn an_unknown_address_is_404_for_browsers_and_programs() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    let stranger = server.anonymous();
    let page = stranger.get("/nothing/here").await.expect(404);
    assert!(header(&page, "content-type").starts_with("text/html"));
    for path in ["/api/nothing", "/ws/nothing", "/pkg/nothing.js"] {
        stranger.get(path).await.refused(404, "not_found");
    }
    stranger.post("/nothing/here", json!({})).await.refused(404, "not_found");
}

#[tokio::test(crate = "crate::harness")]
async fn the_scripts_of_a_page_carry_the_nonce_of_its_policy() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    let (one, two) = (server.anonymous().get("/login").await, server.anonymous().get("/login").await);
    let nonce = |page: &Answer| {
        let policy = header(page, "content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        nonce.unwrap_or_else(|| panic!("no nonce in {policy}")).to_owned()
    };
    assert_ne!(nonce(&one), nonce(&two), "a nonce is for one answer");
    let scripts: Vec<&str> = one.text.split("<script").skip(1).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains(&nonce(&one)), "<script{tag}> would not run");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn every_response_has_security_headers() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    for path in ["/login", "/api/me", "/api/openapi.json", "/health", "/nothing"] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
        assert!(header(&answer, "content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(header(&answer, "x-request-id").len() == 32, "{path}");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn health_checks_report_a_working_server() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    let monitor = server.anonymous();
    monitor.get("/health").await.expect(200);
    assert!(monitor.get("/ready").await.expect(200).field::<bool>("ready"));
    assert_eq!(monitor.get("/health/realtime").await.expect(200).field::<u64>("connections"), 0);
    assert!(monitor.get("/health/realtime").await.expect(200).field::<Option<serde_json::Value>>("proof").is_none());
    let metrics = monitor.get("/metrics").await.expect(200);
    assert!(metrics.text.contains("\nlockstep_connections 0\n"), "{}", metrics.text);
}

#[tokio::test(crate = "crate::harness", flavor = "multi_thread", worker_threads = 2)]
async fn a_starting_server_does_not_block_pages_of_another() {
    let server = TestServer::start(crate::harness::Db::Sqlite).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    let path = format!("/projects/{project}?task={}", ada.task(project, "Mill the gears").await.id);
    let reading = Arc::new(());
    let starting = tokio::task::spawn_blocking({
        let reading = Arc::downgrade(&reading);
        move || {
            while reading.upgrade().is_some() {
                drop(server::page::router());
            }
        }
    });
    for _ in 0..20 {
        ada.get(&path).await.expect(200);
    }
    drop(reading);
    starting.await.expect("they all start");
}

/// Repetitions per page: a page that is dropped on a foreign thread fails only now and then.
const ROUNDS: usize = 12;
/// Concurrent requests per page.
const READERS: usize = 8;

/// Users who open their boards concurrently.
const PEOPLE: usize = 8;

#[tokio::test(crate = "crate::harness")]
async fn a_page_never_shows_another_users_project() {
    let folder = tempfile::tempdir().unwrap();
    let server = LoggedServer::start(&format!("sqlite://{}", folder.path().join("pages.db").display()), &[]).await;
    let mut boards = Vec::new();
    for who in 0..PEOPLE {
        let person = server.person(&format!("p{who}")).await;
        let project = person.project(&format!("Secret {who}")).await;
        boards.push((person, format!("/projects/{project}"), format!("<title>Secret {who} ")));
    }
    for _ in 0..ROUNDS {
        join_all(boards.iter().flat_map(|board| [board; 4]).map(async |(person, path, title)| {
            let page = person.get(path).await.expect(200);
            let named = page.text.split_once("<title>").map(|(_, rest)| rest.split('<').next());
            assert!(page.text.contains(title), "not {title} but {named:?}");
        }))
        .await;
    }
}

#[tokio::test(crate = "crate::harness")]
async fn concurrent_pages_are_rendered_completely() {
    let folder = tempfile::tempdir().unwrap();
    let server = LoggedServer::start(&format!("sqlite://{}", folder.path().join("pages.db").display()), &[]).await;
    let (ada, stranger) = (server.person("ada").await, server.anonymous());
    let project = ada.project("Engine").await;
    let task = ada.task(project, "Mill the gears").await;
    let invitation = ada.post(&format!("/api/projects/{project}/invitations"), json!({ "role": "editor" })).await;
    let url = invitation.expect(201).field::<serde_json::Value>("invitation")["url"].as_str().unwrap().to_owned();
    let invited = format!("/invitations/{}", url.rsplit('/').next().unwrap());
    let own = ["/", "/account", "/oversight", "/oversight/workload", "/oversight/heatmap", "/oversight/flow"]
        .into_iter()
        .chain(["/oversight/report", "/nothing"])
        .map(str::to_owned)
        .chain([format!("/projects/{project}"), format!("/projects/{project}?task={}", task.id)])
        .chain([format!("/projects/{project}/settings"), invited.clone()]);
    let open = ["/login", "/register", "/forgot-password", "/verify-email?token=x", "/reset-password?token=x"];
    let asked = own.map(|path| (&ada, path)).chain(open.iter().map(|path| (&stranger, (*path).to_owned())));
    for (who, path) in asked.chain([(&stranger, invited)]) {
        for _ in 0..ROUNDS {
            for page in join_all((0..READERS).map(|_| who.get(&path))).await {
                assert!(page.text.contains("</body></html>"), "{path}: {}\n{}", page.text, server.log());
            }
        }
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
