//! Responses that a reader already has are not sent again.

use reqwest::{Method, header::IF_NONE_MATCH};
use serde_json::Value;

use crate::harness::{Answer, Client, TestServer, on_both_databases, send};

const PATHS: [&str; 6] = ["workload", "workload.csv", "report", "report.csv", "report.md", "flow"];

/// Requests a path, unless it still has this version.
pub(super) async fn unless(client: &Client, path: &str, version: &str) -> Answer {
    send(client.request(Method::GET, path).header(IF_NONE_MATCH, format!("W/\"{version}\""))).await
}

/// The response to each of these lists: status and version.
async fn ask(client: &Client, path: &str, lists: &[&str]) -> (u16, String) {
    let request =
        lists.iter().fold(client.request(Method::GET, path), |request, list| request.header(IF_NONE_MATCH, *list));
    let answer = send(request).await;
    assert_eq!(answer.headers["cache-control"], "no-store", "{path}: no cache answers in place of the server");
    assert_eq!(answer.text.is_empty(), answer.status == 304, "{path}");
    (answer.status, answer.headers["etag"].to_str().expect("a text").to_owned())
}

on_both_databases! {
    async fn an_unchanged_response_is_304_until_it_changes(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for name in PATHS {
            let path = format!("/api/oversight/{name}");
            let first = ann.get(&path).await.expect(200);
            let tag = first.headers["etag"].to_str().expect("a text").to_owned();
            if let Ok(answer) = serde_json::from_str::<Value>(&first.text) {
                assert_eq!(tag, format!("W/\"{}\"", answer["version"].as_str().expect("a version")));
            }
            let strong = tag.trim_start_matches("W/");
            for lists in [
                &[&*tag][..],
                &[strong],
                &[&format!("\"another\", {tag}")],
                &[&format!("W/\"a,b\",{strong} , \"c\"")],
                &["\"another\"", &tag],
                &["*"],
            ] {
                assert_eq!(ask(&ann, &path, lists).await, (304, tag.clone()), "{path} {lists:?}");
            }
            let within = format!("\"a{}\"", strong.trim_matches('"'));
            for lists in [&[][..], &["\"another\""], &[strong.trim_matches('"')], &[&within], &["\"*\""], &["w/*"]] {
                assert_eq!(ask(&ann, &path, lists).await, (200, tag.clone()), "{path} {lists:?}");
            }
            ann.task(project, name).await;
            let (status, other) = ask(&ann, &path, &[&tag, "\"another\""]).await;
            assert_eq!(status, 200);
            assert_ne!(other, tag);
        }
    }

    async fn a_version_reveals_nothing_to_strangers(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let project = ann.project("Board").await;
        for name in PATHS {
            let path = format!("/api/oversight/{name}?project={project}");
            for list in ["*", "\"another\""] {
                let of = async |client: &Client| send(client.request(Method::GET, &path).header(IF_NONE_MATCH, list)).await;
                of(&bea).await.refused(404, "project_not_found");
                of(&server.anonymous()).await.refused(401, "not_signed_in");
            }
        }
    }
}
