//! What is valid in a line, and how longer texts are normalised.

use engine::{Member, Status, Task};
use serde_json::{Value, json};

use crate::harness::{Client, PASSWORD, TestServer, new_op, on_both_databases, path};

/// Lines that are illegible, or would break what is displayed beside them.
const BAD: [&str; 16] = [
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\0b",
    "a\u{7}b",
    "a\u{1b}[0m",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{200b}",
    "\u{200d}\u{200c}",
    "\u{2800}",
    "\u{ad}",
    "\u{feff}",
    "\u{3164}",
    "exe.\u{202e}fdp",
    "\u{2066}a",
];
/// Lines that look odd but are legitimate.
const GOOD: [&str; 8] =
    ["👩‍👩‍👧‍👦", "❤\u{fe0f} it", "می\u{200c}خواهم", "क\u{94d}\u{200d}ष", "ภาษาไทย", "العربية", "שלום\u{200f}!", "a\u{ad}b"];

/// Every way to set a line: the name of the field, and the response.
async fn everywhere(client: &Client, server: &TestServer, line: &str) -> Vec<(&'static str, crate::harness::Answer)> {
    let project = client.project("Engine").await;
    let status = client.statuses(project).await[0];
    let task = client.task(project, "one").await;
    let (of_project, of_task) = (format!("/api/projects/{project}"), path(task.id));
    let account = json!({ "email": format!("{}@example.org", new_op()), "password": PASSWORD, "name": line });
    let bulk = json!({ "ids": [task.id], "change": { "set": { "blocked_reason": line } } });
    vec![
        ("title", client.post(&format!("{of_project}/tasks"), json!({ "title": line })).await),
        ("title", client.patch(&of_task, json!({ "title": line })).await),
        ("blocked_reason", client.patch(&of_task, json!({ "blocked_reason": line })).await),
        ("blocked_reason", client.post(&format!("{of_project}/tasks/bulk"), bulk).await),
        ("name", client.post("/api/projects", json!({ "name": line })).await),
        ("name", client.patch(&of_project, json!({ "name": line })).await),
        ("name", client.post(&format!("{of_project}/statuses"), json!({ "name": line, "category": "todo" })).await),
        ("name", client.patch(&format!("{of_project}/statuses/{status}"), json!({ "name": line })).await),
        ("name", server.anonymous().post("/api/auth/register", account).await),
    ]
}

on_both_databases! {
    async fn an_illegible_line_is_refused_with_its_field(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        for bad in BAD {
            for (field, answer) in everywhere(&ada, &server, bad).await {
                let error = answer.refused(422, "invalid");
                // In a bulk change, the path to it.
                assert!(error["field"].as_str().is_some_and(|named| named.ends_with(field)), "{bad:?}: {error}");
            }
            for email in [format!("a{bad}@example.org"), format!("a@exa{bad}mple.org")] {
                let account = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
                let refused = server.anonymous().post("/api/auth/register", account).await.refused(422, "invalid");
                assert_eq!(refused["field"], "email", "{email:?}");
                let credentials = json!({ "email": email, "password": PASSWORD });
                let status = server.anonymous().post("/api/auth/login", credentials).await.status;
                assert!([401, 422].contains(&status), "{email:?}: {status}");
            }
        }
    }

    async fn a_line_in_any_script_is_accepted(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        for good in GOOD {
            for (field, answer) in everywhere(&ada, &server, &format!(" {good} ")).await {
                assert!(answer.status < 300, "{field}: {good:?}: {}", answer.text);
            }
            let project = ada.project("Engine").await;
            assert_eq!(ada.task(project, good).await.title, good);
        }
    }

    async fn equal_looking_texts_are_equal(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        assert_eq!(ada.task(project, "Cafe\u{301}").await.title, "Café");
        let account = json!({ "email": "jose\u{301}@example.org", "password": PASSWORD, "name": "Jose\u{301}" });
        let user: Value = server.anonymous().post("/api/auth/register", account).await.expect(201).field("user");
        assert_eq!((&user["name"], &user["email"]), (&json!("José"), &json!("josé@example.org")));
        for email in ["josé@example.org", " JOSE\u{301}@example.org"] {
            let credentials = json!({ "email": email, "password": PASSWORD });
            server.anonymous().post("/api/auth/login", credentials).await.expect(200);
        }
    }

    async fn a_long_text_keeps_its_lines_and_loses_invisible_characters(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let body = json!({ "title": "one", "description": "a\r\nb\rc\td\u{7}\u{1b}\u{85}e 👩‍👩‍👧" });
        let task: Task = ada.post(&format!("/api/projects/{project}/tasks"), body).await.expect(201).field("task");
        let read: Task = ada.get(&path(task.id)).await.expect(200).field("task");
        assert_eq!(read.description.as_deref(), Some("a\nb\nc\td\ne 👩‍👩‍👧"));
        let comments = format!("{}/comments", path(task.id));
        let comment: Value = ada.post(&comments, json!({ "body": "a\r\nb\u{8}" })).await.expect(201).field("comment");
        assert_eq!(comment["body"], "a\nb");
        for empty in ["\u{200b}", " \n\u{7}", "\u{2800}"] {
            assert_eq!(ada.post(&comments, json!({ "body": empty })).await.refused(422, "invalid")["field"], "body");
        }
    }

    async fn rows_from_before_these_rules_stay_readable_and_editable(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "title").await;
        for (table, column) in [("tasks", "title"), ("statuses", "name"), ("projects", "name"), ("users", "name")] {
            let odd = "'a' || CHAR(10) || 'b'";
            // PostgreSQL has another name for it.
            let odd = if db == crate::harness::Db::Postgres { odd.replace("CHAR", "CHR") } else { odd.to_owned() };
            server.execute_text(format!("UPDATE {table} SET {column} = {odd}")).await;
        }
        let board = ada.board(project).await;
        assert_eq!((board.unreadable, board.tasks[0].title.as_str()), (0, "a\nb"));
        ada.get(&format!("/projects/{project}")).await.expect(200);
        let changed: Task = ada.patch(&path(task.id), json!({ "priority": "high" })).await.expect(200).field("task");
        assert_eq!(changed.title, "a\nb", "what is not changed stays");
        let status = board.statuses[0].id;
        let url = format!("/api/projects/{project}/statuses/{status}");
        let changed: Status = ada.patch(&url, json!({ "wip_limit": 3 })).await.expect(200).field("status");
        assert_eq!(changed.name, "a\nb");
        ada.patch(&path(task.id), json!({ "title": "a b" })).await.expect(200);
        let members: Vec<Member> = ada.get(&format!("/api/projects/{project}/members")).await.expect(200).field("members");
        assert_eq!(members[0].name, "a\nb");
    }
}
