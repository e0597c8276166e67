//! Permissions: every route of a project, requested with every role.

use engine::{Comment, CommentId, Invitation, ProjectId, StatusId, TaskId};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestServer, on_both_databases, send};

/// A route, and the lowest role that it requires.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    least: Least,
    body: fn(&World) -> Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    /// Any signed-in user.
    Account,
    Viewer,
    Editor,
    Owner,
    /// Only the guest, who wrote the comment.
    Author,
}

const fn route(method: &'static str, path: &'static str, least: Least, body: fn(&World) -> Value) -> Route {
    Route { method, path, least, body }
}

fn nothing(_: &World) -> Value {
    Value::Null
}

pub(crate) const ROUTES: [Route; 43] = [
    route("GET", "/api/projects", Least::Account, nothing),
    route("POST", "/api/projects", Least::Account, |_| json!({ "name": "Another" })),
    route("GET", "/api/account", Least::Account, nothing),
    route("PATCH", "/api/account", Least::Account, |_| json!({ "name": "Another" })),
    route("GET", "/api/account/sessions", Least::Account, nothing),
    route("DELETE", "/api/account/sessions", Least::Account, nothing),
    route("GET", "/api/colleagues", Least::Account, nothing),
    route("GET", "/api/projects/{project_id}", Least::Viewer, nothing),
    route("GET", "/api/projects/{project_id}/search", Least::Viewer, nothing),
    route("GET", "/api/projects/{project_id}/board", Least::Viewer, nothing),
    route("GET", "/api/projects/{project_id}/events", Least::Viewer, nothing),
    route("GET", "/api/projects/{project_id}/members", Least::Viewer, nothing),
    route("GET", "/api/projects/{project_id}/statuses", Least::Viewer, nothing),
    route("GET", "/api/tasks/{task_id}", Least::Viewer, nothing),
    route("GET", "/api/tasks/{task_id}/description", Least::Viewer, nothing),
    route("POST", "/api/projects/{project_id}/tasks", Least::Editor, |_| json!({ "title": "New" })),
    route(
        "POST",
        "/api/projects/{project_id}/tasks/bulk",
        Least::Editor,
        |world| json!({ "ids": [world.task], "change": "delete" }),
    ),
    route("PATCH", "/api/tasks/{task_id}", Least::Editor, |_| json!({ "title": "Changed" })),
    route("PATCH", "/api/tasks/{task_id}/status", Least::Editor, |world| json!({ "status_id": world.status })),
    route("POST", "/api/tasks/{task_id}/assign", Least::Editor, |_| json!({ "assignee_id": null })),
    route("DELETE", "/api/tasks/{task_id}", Least::Editor, nothing),
    route("POST", "/api/tasks/{task_id}/restore", Least::Editor, nothing),
    route("GET", "/api/tasks/{task_id}/comments", Least::Viewer, nothing),
    route("POST", "/api/tasks/{task_id}/comments", Least::Editor, |_| json!({ "body": "New" })),
    route("PATCH", "/api/comments/{comment_id}", Least::Author, |_| json!({ "body": "Changed" })),
    route("DELETE", "/api/comments/{comment_id}", Least::Owner, nothing),
    route("POST", "/api/comments/{comment_id}/restore", Least::Author, nothing),
    route("POST", "/api/projects/{project_id}/preview", Least::Editor, |_| json!({ "body": "Text" })),
    route("PUT", "/api/tasks/{task_id}/watch", Least::Viewer, nothing),
    route("DELETE", "/api/tasks/{task_id}/watch", Least::Viewer, nothing),
    route("POST", "/api/projects/{project_id}/statuses", Least::Editor, |_| json!({ "name": "Review" })),
    route("PATCH", "/api/projects/{project_id}/statuses/{status_id}", Least::Editor, |_| json!({ "name": "Later" })),
    route("PATCH", "/api/projects/{project_id}", Least::Owner, |_| json!({ "name": "Renamed" })),
    route("GET", "/api/projects/{project_id}/invitations", Least::Owner, nothing),
    route(
        "POST",
        "/api/projects/{project_id}/invitations",
        Least::Owner,
        |world| json!({ "email": world.newcomer, "role": "viewer" }),
    ),
    route("DELETE", "/api/invitations/{invitation}", Least::Owner, nothing),
    route("POST", "/api/invitations/{invitation}/accept", Least::Account, |_| json!({})),
    route("PATCH", "/api/projects/{project_id}/members/{user_id}", Least::Owner, |_| json!({ "role": "viewer" })),
    route("DELETE", "/api/projects/{project_id}/statuses/{status_id}", Least::Editor, nothing),
    route("POST", "/api/projects/{project_id}/statuses/{status_id}/restore", Least::Editor, nothing),
    route("DELETE", "/api/projects/{project_id}/members/{user_id}", Least::Owner, nothing),
    route("POST", "/api/projects/{project_id}/members/{user_id}/restore", Least::Owner, nothing),
    route("DELETE", "/api/projects/{project_id}", Least::Owner, nothing),
];

/// The subjects of the routes.
struct World {
    project: ProjectId,
    epoch: String,
    status: StatusId,
    task: TaskId,
    comment: CommentId,
    guest: String,
    newcomer: String,
    invitation: Invitation,
}

/// One user per role.
struct People {
    anonymous: Client,
    stranger: Client,
    members: [(Least, Client); 3],
    guest: Client,
}

impl People {
    async fn new(server: &TestServer) -> Self {
        let viewer = (Least::Viewer, server.person("viewer").await);
        let editor = (Least::Editor, server.person("editor").await);
        let owner = (Least::Owner, server.person("owner").await);
        Self {
            anonymous: server.anonymous(),
            stranger: server.person("stranger").await,
            members: [viewer, editor, owner],
            guest: server.person("guest").await,
        }
    }

    /// A project of the owner's with one task, prepared for this route.
    async fn world(&self, route: &Route) -> World {
        let [(_, viewer), (_, editor), (_, owner)] = &self.members;
        let project = owner.project("Engine").await;
        owner.invite(project, viewer, "viewer").await;
        owner.invite(project, editor, "editor").await;
        owner.invite(project, &self.guest, "editor").await;
        let task = owner.task(project, "Task").await.id;
        let body = json!({ "body": "By a guest" });
        let comment = self.guest.post(&format!("/api/tasks/{task}/comments"), body).await;
        let comment = comment.expect(201).field::<Comment>("comment").id;
        let status = owner.statuses(project).await[1];
        match route.path {
            "/api/tasks/{task_id}/restore" => {
                owner.delete(&format!("/api/tasks/{task}")).await.expect(200);
            }
            "/api/comments/{comment_id}/restore" => {
                self.guest.delete(&format!("/api/comments/{comment}")).await.expect(200);
            }
            "/api/projects/{project_id}/statuses/{status_id}/restore" => {
                owner.delete(&format!("/api/projects/{project}/statuses/{status}")).await.expect(200);
            }
            "/api/projects/{project_id}/members/{user_id}/restore" => {
                owner.delete(&format!("/api/projects/{project}/members/{}", self.guest.user().id)).await.expect(200);
            }
            _ => {}
        }
        let board = owner.board(project).await;
        let link = owner.post(&format!("/api/projects/{project}/invitations"), json!({ "role": "viewer" })).await;
        World {
            project,
            epoch: board.epoch.to_string(),
            status,
            task,
            comment,
            guest: self.guest.user().id.to_string(),
            newcomer: self.stranger.user().email.clone(),
            invitation: link.expect(201).field("invitation"),
        }
    }
}

async fn ask(client: &Client, route: &Route, world: &World) -> Answer {
    let mut path = route.path.replace("{project_id}", &world.project.to_string());
    path = path.replace("{task_id}", &world.task.to_string()).replace("{status_id}", &world.status.to_string());
    path = path.replace("{user_id}", &world.guest).replace("{comment_id}", &world.comment.to_string());
    let Invitation { id, url, .. } = &world.invitation;
    let token = url.as_deref().and_then(|url| url.rsplit('/').next()).expect("a link");
    let named = if path.ends_with("/accept") { token.to_owned() } else { id.to_string() };
    path = path.replace("{invitation}", &named);
    if path.ends_with("/events") {
        path = format!("{path}?epoch={}&since=0", world.epoch);
    }
    if path.ends_with("/search") {
        path += "?text=x";
    }
    let request = client.request(route.method.parse().expect("a method"), &path);
    match (route.body)(world) {
        Value::Null => send(request).await,
        body => send(request.json(&body)).await,
    }
}

on_both_databases! {
    async fn every_route_accepts_exactly_its_roles(db: Db) {
        let server = TestServer::start(db).await;
        let people = People::new(&server).await;
        let [_, _, (_, owner)] = &people.members;
        for route in &ROUTES {
            let name = format!("{} {}", route.method, route.path);
            let world = people.world(route).await;
            let before = owner.board(world.project).await;
            ask(&people.anonymous, route, &world).await.refused(401, "not_signed_in");
            let answer = ask(&people.stranger, route, &world).await;
            if route.least == Least::Account {
                assert!((200..300).contains(&answer.status), "stranger, {name}: {}", answer.text);
                continue;
            }
            let code = match route.path.split('/').nth(2) {
                Some("tasks") => "task_not_found",
                Some("comments") => "comment_not_found",
                Some("invitations") => "invitation_not_found",
                _ => "project_not_found",
            };
            answer.refused(404, code);
            for (role, member) in &people.members {
                if *role < route.least {
                    ask(member, route, &world).await.refused(403, "forbidden");
                }
            }
            assert_eq!(owner.board(world.project).await, before, "a refusal changed something: {name}");
            for (role, member) in &people.members {
                if *role >= route.least {
                    let answer = ask(member, route, &people.world(route).await).await;
                    assert!((200..300).contains(&answer.status), "{role:?}, {name}: {}", answer.text);
                }
            }
        }
    }
}
