//! Odd values in every field, path, query and header of the OpenAPI document: refused or accepted, but never a server
//! error.

use engine::{CommentId, ProjectId, StatusId, TaskId, UserId};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Client, PASSWORD, TestServer, on_both_databases, send};

/// JSON values in place of a text.
const TEXTS: [&str; 11] = [
    r#""\u0000""#,
    r#""a\u0000b""#,
    r#""\ud800""#,
    r#""\udc00x""#,
    r#""\u001b\u0007""#,
    r#""\u202e\u200b""#,
    r#""\uffff""#,
    r#""9999-12-31T23:59:59-12:00""#,
    r#""00000000-0000-0000-0000-000000000000""#,
    r#""' OR 1=1 --""#,
    "null",
];
/// JSON values in place of a number.
const NUMBERS: [&str; 8] = [
    "-1",
    "0.5",
    "1e308",
    "1e999",
    "9223372036854775807",
    "18446744073709551615",
    "-9223372036854775809",
    "\"\\u0000\"",
];
/// Values in a path or a query, encoded.
const ENCODED: [&str; 11] = [
    "%00",
    "a%00b",
    "%ff",
    "%ED%A0%80",
    "%0a",
    "%0d%0aX:%20y",
    "..%2f..",
    "%F0%9F%82%A1",
    "9999-12-31",
    "-1",
    "18446744073709551616",
];
/// Stands for an odd value in a body.
const HERE: &str = "@here@";

/// The subjects of the odd requests.
struct World {
    document: Value,
    project: ProjectId,
    status: StatusId,
    task: TaskId,
    comment: CommentId,
    user: UserId,
}

impl World {
    async fn new(server: &TestServer, ada: &Client) -> Self {
        let document: Value = server.anonymous().get("/api/openapi.json").await.expect(200).json();
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await.id;
        let comment: Value = ada
            .post(&format!("/api/tasks/{task}/comments"), json!({ "body": "one" }))
            .await
            .expect(201)
            .field("comment");
        let comment = comment["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let status = ada.statuses(project).await[0];
        Self { document, project, status, task, comment, user: ada.user().id }
    }

    /// A path with the ids of these subjects, except for an odd one.
    fn path(&self, path: &str, odd: Option<(&str, &str)>) -> String {
        let ids = [
            ("project_id", self.project.to_string()),
            ("status_id", self.status.to_string()),
            ("task_id", self.task.to_string()),
            ("comment_id", self.comment.to_string()),
            ("user_id", self.user.to_string()),
            ("session_id", self.user.to_string()),
        ];
        let path = odd.map_or(path.to_owned(), |(name, value)| path.replace(&format!("{{{name}}}"), value));
        ids.iter().fold(path, |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => self.resolve(self.document.pointer(name.trim_start_matches('#')).expect("a schema")),
            None => schema,
        }
    }

    /// A valid value of a schema.
    fn plain(&self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if let Some(one) = ["oneOf", "anyOf", "allOf"].iter().find_map(|of| schema[*of].as_array()?.last()) {
            return self.plain(one, depth);
        }
        if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
            return word.clone();
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
        match (kind, schema["format"].as_str()) {
            ("string", Some("uuid")) => json!(self.task),
            ("string", Some("date" | "date-time")) => json!("2026-12-01"),
            ("string", _) => json!("word"),
            ("integer" | "number", _) => json!(1),
            ("boolean", _) => json!(true),
            ("array", _) if depth < 4 => json!([self.plain(&schema["items"], depth + 1)]),
            ("object", _) if depth < 4 => {
                let fields = schema["properties"].as_object();
                let fields = fields.into_iter().flatten().map(|(name, of)| (name.clone(), self.plain(of, depth + 1)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            _ => Value::Null,
        }
    }

    /// The body with an odd value in each place in turn, alone in its object and among the others.
    fn odd_bodies(&self, body: &Value) -> Vec<String> {
        let mut bodies = Vec::new();
        each_place(body, &mut |whole, is_number| {
            for text in if is_number { &NUMBERS[..] } else { &TEXTS[..] } {
                bodies.push(whole.to_string().replace(&format!("\"{HERE}\""), text));
            }
        });
        bodies
    }
}

/// Calls `found` with `whole` once per leaf, which is replaced by [`HERE`], and whether it was a number.
fn each_place(whole: &Value, found: &mut dyn FnMut(&Value, bool)) {
    fn leaves(value: &Value, path: String, paths: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| leaves(value, format!("{path}/{name}"), paths));
            }
            Value::Array(list) => {
                (0..).zip(list).for_each(|(index, value)| leaves(value, format!("{path}/{index}"), paths))
            }
            _ => paths.push(path),
        }
    }
    let mut paths = Vec::new();
    leaves(whole, String::new(), &mut paths);
    for path in paths {
        let mut odd = whole.clone();
        let Some(place) = odd.pointer_mut(&path) else { continue };
        let is_number = place.is_number();
        *place = HERE.into();
        found(&odd, is_number);
        // Without anything else that may be invalid.
        if let (Some((parent, name)), Value::Object(_)) = (path.rsplit_once('/'), whole)
            && parent.is_empty()
        {
            found(&json!({ name: HERE }), is_number);
        }
    }
}

#[track_caller]
fn look(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
    if answer.status >= 400 && what.contains("/api/") {
        assert!(answer.json::<Value>()["error"]["code"].is_string(), "{what}: {}", answer.text);
    }
}

on_both_databases! {
    async fn no_body_or_query_makes_the_server_fail(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, eve) = (server.person("ada").await, server.person("eve").await);
        let world = World::new(&server, &ada).await;
        let paths = world.document["paths"].as_object().expect("paths");
        let mut asked = 0;
        for (path, item) in paths {
            for (method, operation) in item.as_object().expect("a path item") {
                let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
                // Requests that end a session or delete something are sent by a user to whom they do nothing.
                let stranger = server.anonymous();
                let client = match path.as_str() {
                    "/api/auth/logout" | "/api/auth/login" | "/api/auth/register" => &stranger,
                    "/api/auth/password" | "/api/account" => &eve,
                    _ if method == Method::DELETE => &eve,
                    _ => &ada,
                };
                let usual = world.path(path, None);
                for name in operation["parameters"].as_array().into_iter().flatten() {
                    for value in ENCODED {
                        let odd = match (name["in"].as_str(), name["name"].as_str().expect("a name")) {
                            (Some("path"), name) => world.path(path, Some((name, value))),
                            (Some("query"), name) => format!("{usual}?{name}={value}"),
                            _ => continue,
                        };
                        let answer = send(client.request(method.clone(), &odd).json(&json!({}))).await;
                        look(&answer, &format!("{method} {odd}"));
                        asked += 1;
                    }
                }
                let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else { continue };
                let mut bodies = world.odd_bodies(&world.plain(schema, 0));
                bodies.extend(["\0".to_owned(), "\"\\u0000\"".to_owned(), "[\"\\ud800\"]".to_owned(), "{\"\\u0000\":1}".to_owned()]);
                for body in bodies {
                    let request = client.request(method.clone(), &usual).header("content-type", "application/json");
                    let answer = send(request.body(body.clone())).await;
                    look(&answer, &format!("{method} {usual} {body}"));
                    asked += 1;
                }
                for bytes in [&b"{\"title\":\"\xff\xfe\"}"[..], b"{\"name\":\"a\0b\"}", b"\xed\xa0\x80"] {
                    let request = client.request(method.clone(), &usual).header("content-type", "application/json");
                    look(&send(request.body(bytes)).await, &format!("{method} {usual} {bytes:?}"));
                }
            }
        }
        assert!(asked > 1000, "{asked} requests");
        // Everything accepted can be read.
        let board = ada.board(world.project).await;
        assert_eq!(board.unreadable, 0);
        ada.events(world.project).await;
        ada.get(&format!("/projects/{}?task={}", world.project, world.task)).await.expect(200);
    }

    async fn no_address_of_a_page_makes_the_server_fail(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        for value in ENCODED {
            for path in [
                format!("/{value}"),
                format!("/projects/{value}"),
                format!("/projects/{value}/settings"),
                format!("/projects/{project}?task={value}"),
                format!("/projects/{project}?{value}"),
                format!("/oversight/workload?project={value}&from={value}"),
                format!("/oversight/report?week={value}"),
                format!("/oversight/flow?from={value}&to={value}"),
                format!("/login?next={value}"),
                format!("/unsubscribe/{value}"),
                format!("/pkg/{value}"),
                format!("/api/{value}"),
                format!("/api/docs/{value}"),
                format!("/ws/projects/{value}"),
            ] {
                for client in [&ada, &server.anonymous()] {
                    look(&client.get(&path).await, &format!("GET {path}").replace("/api/", "/"));
                }
            }
        }
    }

    async fn no_header_makes_the_server_fail(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        for name in ["cookie", "idempotency-key", "origin", "x-forwarded-for", "x-request-id", "if-none-match", "accept-language", "authorization"] {
            for value in [&b"\xff\xfe"[..], b"lockstep_session=%00; x=\x80", b"\t", b"null", b"a%00b", b"lockstep_session=\xc3\x28"] {
                for (method, path) in [(Method::GET, "/api/me"), (Method::POST, "/api/projects"), (Method::GET, "/")] {
                    let request = ada.request(method, path).header(name, value).json(&json!({ "name": "Engine" }));
                    look(&send(request).await, &format!("{path} {name}: {value:?}").replace("/api/", "/"));
                }
            }
        }
    }

    async fn an_address_with_a_nul_has_no_account(db: Db) {
        let server = TestServer::start(db).await;
        server.person("ada").await;
        for email in ["ada\0@example.org", "\0", "ada@example.org\0"] {
            let answer = server.anonymous().post("/api/auth/login", json!({ "email": email, "password": PASSWORD })).await;
            assert!((400..500).contains(&answer.status), "{email:?}: {}", answer.text);
        }
    }
}
