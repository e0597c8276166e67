//! Answers that a reader has already are not sent again.

use reqwest::{Method, header::IF_NONE_MATCH};
use serde_json::Value;

use crate::harness::{Client, TestServer, on_both_databases, send};

async fn ask(client: &Client, path: &str, known: &str) -> (u16, String) {
    let answer = send(client.request(Method::GET, path).header(IF_NONE_MATCH, known)).await;
    (answer.status, answer.headers["etag"].to_str().expect("a text").to_owned())
}

on_both_databases! {
    async fn what_is_unchanged_is_said_to_be_so_until_it_changes(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for name in ["workload", "report", "flow"] {
            let path = format!("/api/oversight/{name}");
            let first = ann.get(&path).await.expect(200);
            let tag = first.headers["etag"].to_str().expect("a text").to_owned();
            let version = first.json::<Value>()["version"].as_str().expect("a version").to_owned();
            assert_eq!(tag, format!("W/\"{version}\""));
            assert_eq!(ask(&ann, &path, &tag).await, (304, tag.clone()));
            // Pages of the build before name it in the query.
            let seen = ann.get(&format!("{path}?seen={version}")).await.expect(304);
            assert_eq!(seen.headers["etag"], tag);
            ann.task(project, name).await;
            let (status, other) = ask(&ann, &path, &tag).await;
            assert_eq!(status, 200);
            assert_ne!(other, tag);
        }
    }
}
