//! The OpenAPI document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    harness::{Db, TestServer},
    roles::ROUTES,
};

/// Routes without a project.
const OPEN: [(&str, &str); 27] = [
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password"),
    ("POST", "/api/auth/forgot-password"),
    ("POST", "/api/auth/reset-password"),
    ("POST", "/api/auth/verify-email"),
    ("POST", "/api/account/verification"),
    ("DELETE", "/api/account/sessions/{session_id}"),
    ("GET", "/api/me"),
    ("GET", "/api/site"),
    // Anyone with the token may use these.
    ("GET", "/api/invitations/{invitation}"),
    ("POST", "/api/invitations/{invitation}/decline"),
    ("POST", "/api/ws-token"),
    ("GET", "/api/notifications"),
    ("POST", "/api/notifications/read"),
    ("GET", "/api/notifications/preferences"),
    ("PUT", "/api/notifications/preferences"),
    ("GET", "/api/oversight/workload"),
    ("GET", "/api/oversight/workload.csv"),
    ("GET", "/api/oversight/tasks"),
    ("GET", "/api/users/{user_id}/capacity"),
    ("PUT", "/api/users/{user_id}/capacity"),
    ("GET", "/api/oversight/report"),
    ("GET", "/api/oversight/report.csv"),
    ("GET", "/api/oversight/report.md"),
    ("GET", "/api/oversight/flow"),
];

pub(crate) fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("a path item").keys();
        methods
            .filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str()))
            .map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

#[tokio::test(crate = "crate::harness")]
async fn every_route_is_in_the_document_and_every_operation_is_a_route() {
    let server = TestServer::start(Db::Sqlite).await;
    let stranger = server.anonymous();
    let document: Value = stranger.get("/api/openapi.json").await.expect(200).json();
    let described = operations(&document);
    let tested: BTreeSet<(String, String)> = ROUTES
        .iter()
        .map(|route| (route.method, route.path))
        .chain(OPEN)
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(described, tested, "the document and the table of routes differ");
    for (method, path) in described {
        let path = path.replace("{project_id}", NOBODY).replace("{task_id}", NOBODY).replace("{comment_id}", NOBODY);
        let path = path.replace("{user_id}", NOBODY).replace("{status_id}", NOBODY).replace("{invitation}", NOBODY);
        let path = path.replace("{session_id}", NOBODY);
        let method: reqwest::Method = method.parse().expect("a method");
        let answer = crate::harness::send(stranger.request(method.clone(), &path)).await;
        // The resource does not exist; the route does.
        let no_route = ["\"not_found\"", "\"method_not_allowed\""].iter().any(|code| answer.text.contains(code));
        assert!(!no_route, "{method} {path}: {}", answer.text);
    }
}

pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The handlers are the only source of routes: one added around them would be missing in the document, with no test to
/// notice.
#[test]
fn no_route_bypasses_the_document() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a source file");
        assert!(!text.contains(".route("), "{} adds a route by hand", path.display());
    }
}

#[tokio::test(crate = "crate::harness")]
async fn writes_document_their_idempotency_key_and_errors_their_body() {
    let document: Value = serde_json::to_value(server::http::openapi()).expect("JSON");
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for name in ["Task", "Status", "Project", "Member", "Snapshot", "ErrorBody"] {
        assert!(schemas.contains_key(name), "{name}");
    }
    let parameters = document["paths"]["/api/tasks/{task_id}/status"]["patch"]["parameters"].to_string();
    assert!(parameters.contains("Idempotency-Key"), "{parameters}");
}

#[tokio::test(crate = "crate::harness")]
async fn the_viewer_loads_nothing_from_other_sites() {
    let server = TestServer::start(Db::Sqlite).await;
    let page = server.anonymous().get("/api/docs/").await.expect(200);
    assert!(page.text.contains("swagger-ui"));
    assert!(!page.text.contains("https://"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().expect("a text");
    assert!(policy.contains("script-src 'self'"), "{policy}");
    assert!(!page.text.contains("<script>"), "an inline script that the policy forbids");
    server.anonymous().get("/api/docs/swagger-ui-bundle.js").await.expect(200);
}
