//! A user with a browser's cookies.

use std::net::SocketAddr;

use engine::{Invitation, OpId, Project, ProjectId, Request, Snapshot, StatusId, Task, TaskId, User, request::Method};
use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::config::Config;
use uuid::Uuid;

use super::PATIENCE;

/// The password of every user in the tests.
pub(crate) const PASSWORD: &str = "correct horse";

/// A client, signed in or not.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    /// The requested host, if it differs from the address.
    host: Option<String>,
    user: Option<User>,
}

/// A response of the server.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    /// An anonymous client.
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self::of(format!("http://{addr}"), None)
    }

    /// An anonymous client that requests a host.
    pub(crate) fn asking_for(addr: SocketAddr, host: &str) -> Self {
        Self::of(format!("http://{addr}"), Some(host.to_owned()))
    }

    fn of(base: String, host: Option<String>) -> Self {
        let builder = reqwest::Client::builder().cookie_store(true).no_proxy().timeout(PATIENCE);
        let token = format!("Bearer {}", Config::isolated("").monitoring.token.expect("a token"));
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(&token).expect("a header"))]);
        if let Some(host) = &host {
            headers.insert(HOST, HeaderValue::from_str(host).expect("a host"));
        }
        let http = builder.default_headers(headers).build().expect("a client");
        Self { http, base, host, user: None }
    }

    /// An anonymous client of the same server.
    pub(crate) fn anonymous(&self) -> Self {
        Self::of(self.base.clone(), self.host.clone())
    }

    /// The same user, with their cookies, at another server.
    pub(crate) fn at(&self, addr: SocketAddr) -> Self {
        Self { base: format!("http://{addr}"), ..self.clone() }
    }

    /// A request for everything that the other methods don't cover.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Registers an account.
    pub(crate) async fn register(&mut self, name: &str) {
        let body = json!({ "email": format!("{name}@example.org"), "password": PASSWORD, "name": name });
        let answer = self.post("/api/auth/register", body).await;
        self.user = Some(answer.expect(201).field("user"));
    }

    /// Signs in to an existing account.
    pub(crate) async fn sign_in(&mut self, name: &str) {
        let body = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        self.user = Some(self.post("/api/auth/login", body).await.expect(200).field("user"));
    }

    /// The signed-in user.
    pub(crate) fn user(&self) -> &User {
        self.user.as_ref().expect("somebody who is signed in")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(reqwest::Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(reqwest::Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(reqwest::Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(reqwest::Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(reqwest::Method::DELETE, path)).await
    }

    /// Sends what a browser would, as this op.
    pub(crate) async fn op(&self, request: Request, op: OpId) -> Answer {
        send(self.of_browser(request, Some(op))).await
    }

    /// Sends a request that may get no response. Returns its status and text.
    pub(crate) async fn ask(&self, request: Request, op: Option<OpId>) -> reqwest::Result<(u16, String)> {
        let response = self.of_browser(request, op).send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    fn of_browser(&self, request: Request, op: Option<OpId>) -> reqwest::RequestBuilder {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.request(method, &request.path);
        if let Some(op) = op {
            builder = builder.header("idempotency-key", op.to_string());
        }
        match request.body {
            Some(body) => builder.json(&body),
            None => builder,
        }
    }

    /// Creates a project. Returns its id.
    pub(crate) async fn project(&self, name: &str) -> ProjectId {
        let answer = self.post("/api/projects", json!({ "name": name })).await;
        answer.expect(201).field::<Project>("project").id
    }

    /// The board of a project.
    pub(crate) async fn board(&self, project: ProjectId) -> Snapshot {
        self.get(&format!("/api/projects/{project}/board")).await.expect(200).json()
    }

    /// The ids of a project's statuses, in order.
    pub(crate) async fn statuses(&self, project: ProjectId) -> Vec<StatusId> {
        self.board(project).await.statuses.into_iter().map(|status| status.id).collect()
    }

    /// Creates a task at the end of the first column.
    pub(crate) async fn task(&self, project: ProjectId, title: &str) -> Task {
        let answer = self.post(&format!("/api/projects/{project}/tasks"), json!({ "title": title })).await;
        answer.expect(201).field("task")
    }

    /// Invites a user to a project; they accept.
    pub(crate) async fn invite(&self, project: ProjectId, other: &Client, role: &str) {
        let body = json!({ "email": other.user().email, "role": role });
        let made = self.post(&format!("/api/projects/{project}/invitations"), body).await.expect(201);
        let url = made.field::<Invitation>("invitation").url.expect("a link");
        let token = url.rsplit('/').next().expect("a token");
        other.post(&format!("/api/invitations/{token}/accept"), json!({})).await.expect(200);
    }

    /// Adds a user to a project by a link without an address, so that none has to be verified.
    pub(crate) async fn invite_by_link(&self, project: ProjectId, other: &Client, role: &str) {
        let made =
            self.post(&format!("/api/projects/{project}/invitations"), json!({ "role": role })).await.expect(201);
        let url = made.field::<Invitation>("invitation").url.expect("a link");
        let token = url.rsplit('/').next().expect("a token");
        other.post(&format!("/api/invitations/{token}/accept"), json!({})).await.expect(200);
    }

    /// The titles of a column, in order.
    pub(crate) async fn titles(&self, project: ProjectId, status: StatusId) -> Vec<String> {
        let tasks = self.board(project).await.tasks.into_iter();
        tasks.filter(|task| task.status_id == status).map(|task| task.title).collect()
    }

    /// All events of a project.
    pub(crate) async fn events(&self, project: ProjectId) -> Vec<Value> {
        let Snapshot { epoch, seq, .. } = self.board(project).await;
        let mut events = Vec::new();
        while (events.len() as u64) < seq {
            let path = format!("/api/projects/{project}/events?epoch={epoch}&since={}", events.len());
            let page: Vec<Value> = self.get(&path).await.expect(200).field("events");
            assert!(!page.is_empty(), "the log ends before {seq}");
            events.extend(page);
        }
        events
    }
}

impl Answer {
    /// Checks the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Checks that it is this refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let error = self.expect(status).field::<Value>("error");
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        error
    }

    /// The body.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A field of the body.
    #[track_caller]
    pub(crate) fn field<T: DeserializeOwned>(&self, name: &str) -> T {
        let mut body: Value = self.json();
        serde_json::from_value(body[name].take()).unwrap_or_else(|error| panic!("{name}: {error}: {}", self.text))
    }
}

/// Sends a request, and reads the whole response.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a whole answer") }
}

/// A new op id.
pub(crate) fn new_op() -> OpId {
    OpId::new(Uuid::now_v7())
}

/// The path of a task.
pub(crate) fn path(task: TaskId) -> String {
    format!("/api/tasks/{task}")
}
