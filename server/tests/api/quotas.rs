//! Limits per user, project and card, and of the write rate.

use engine::{ProjectId, Request, Task, request::Method};
use serde_json::{Value, json};
use server::{
    config::{Config, QuotaSettings},
    realtime::Timing,
};
use tokio::task::JoinSet;

use crate::harness::{Answer, Client, Db, TestServer, new_op, on_both_databases, path};

/// Reverts the migration; SQLite cannot drop a column that refers to a table.
const BEFORE: [&str; 5] = [
    "ALTER TABLE projects DROP COLUMN task_count",
    "DROP TABLE milestones",
    "ALTER TABLE invitations DROP COLUMN declined_at",
    "ALTER TABLE invitations RENAME COLUMN declined_by TO declined_before",
    "DELETE FROM _sqlx_migrations WHERE version = 11",
];

async fn limited(db: Db, quotas: QuotaSettings) -> TestServer {
    TestServer::start_with(db, |config: &mut Config| config.quotas = quotas).await
}

async fn tasks_at_once(client: &Client, project: ProjectId, count: usize) -> Vec<Answer> {
    let mut asking = JoinSet::new();
    for number in 0..count {
        let client = client.clone();
        let draft = json!({ "title": number.to_string() });
        asking.spawn(async move { client.post(&format!("/api/projects/{project}/tasks"), draft).await });
    }
    asking.join_all().await
}

/// How many passed. All others were refused with this.
#[track_caller]
fn let_through(answers: Vec<Answer>, status: u16, code: &str) -> usize {
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status < 300);
    for answer in refused {
        answer.refused(status, code);
    }
    done.len()
}

on_both_databases! {
    async fn projects_per_user_are_limited_and_deleted_ones_count_for_a_day(db: Db) {
        let server = limited(db, QuotaSettings { projects_per_user: 3, ..Default::default() }).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let mut asking = JoinSet::new();
        for number in 0..8 {
            let ann = ann.clone();
            asking.spawn(async move { ann.post("/api/projects", json!({ "name": number.to_string() })).await });
        }
        assert_eq!(let_through(asking.join_all().await, 409, "too_many_projects"), 3);
        let projects: Vec<Value> = ann.get("/api/projects").await.expect(200).field("projects");
        let first = projects[0]["id"].as_str().expect("an id").to_owned();
        ann.delete(&format!("/api/projects/{first}")).await.expect(200);
        ann.post("/api/projects", json!({ "name": "Again" })).await.refused(409, "too_many_projects");
        let day_ago = server::clock::now().millis() - 25 * 60 * 60 * 1000;
        server.execute_text(format!("UPDATE projects SET deleted_at = {day_ago} WHERE id = '{first}'")).await;
        ann.project("Again").await;

        // Projects of other users count only for those.
        let project = ben.project("His").await;
        ben.invite(project, &ann, "editor").await;
        ben.project("His too").await;
    }

    async fn a_repeated_op_gets_its_response_even_at_the_limit(db: Db) {
        let server = limited(db, QuotaSettings { projects_per_user: 1, cards_per_project: 1, ..Default::default() }).await;
        let ann = server.person("ann").await;
        let op = new_op();
        let create = || Request::new(Method::Post, "/api/projects").json(json!({ "name": "Board" }));
        let first = ann.op(create(), op).await.expect(201);
        assert_eq!(ann.op(create(), op).await.expect(201).text, first.text);
        let project = first.field::<engine::Project>("project").id;
        let op = new_op();
        let create = || Request::new(Method::Post, format!("/api/projects/{project}/tasks")).json(json!({ "title": "A" }));
        let first = ann.op(create(), op).await.expect(201);
        assert_eq!(ann.op(create(), op).await.expect(201).text, first.text);
    }

    async fn cards_per_project_are_limited_and_deleted_ones_count(db: Db) {
        let server = limited(db, QuotaSettings { cards_per_project: 5, ..Default::default() }).await;
        let ann = server.person("ann").await;
        let (project, other) = (ann.project("Board").await, ann.project("Other").await);
        let answers = tasks_at_once(&ann, project, 12).await;
        let made: Vec<Task> = answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.field("task")).collect();
        assert_eq!(let_through(answers, 409, "too_many_cards"), 5);
        assert_eq!(server.number("SELECT MAX(task_count) FROM projects").await, 5);

        ann.delete(&path(made[0].id)).await.expect(200);
        let refused = ann.post(&format!("/api/projects/{project}/tasks"), json!({ "title": "More" })).await;
        let message = refused.refused(409, "too_many_cards")["message"].to_string();
        assert!(message.contains("5 cards (deleted ones included)"), "{message}");
        // It is restored, and existing cards can still be changed.
        ann.post(&format!("{}/restore", path(made[0].id)), json!({})).await.expect(200);
        ann.patch(&path(made[1].id), json!({ "title": "Renamed" })).await.expect(200);
        let bulk = json!({ "ids": [made[0].id, made[1].id], "change": "delete" });
        ann.post(&format!("/api/projects/{project}/tasks/bulk"), bulk).await.expect(200);
        assert_eq!(server.number("SELECT MAX(task_count) FROM projects").await, 5);
        ann.task(other, "A project of its own").await;
    }

    async fn comments_per_card_are_limited(db: Db) {
        let server = limited(db, QuotaSettings { comments_per_card: 2, ..Default::default() }).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (task, other) = (ann.task(project, "One").await.id, ann.task(project, "Two").await.id);
        let mut asking = JoinSet::new();
        for number in 0..6 {
            let (ann, path) = (ann.clone(), format!("{}/comments", path(task)));
            asking.spawn(async move { ann.post(&path, json!({ "body": number.to_string() })).await });
        }
        assert_eq!(let_through(asking.join_all().await, 409, "too_many_comments"), 2);
        ann.post(&format!("{}/comments", path(other)), json!({ "body": "Here" })).await.expect(201);
    }

    async fn members_per_project_are_limited(db: Db) {
        let server = limited(db, QuotaSettings { members_per_project: 2, ..Default::default() }).await;
        let (ann, ben, cyd) = (server.person("ann").await, server.person("ben").await, server.person("cyd").await);
        let project = ann.project("Board").await;
        ann.invite_by_link(project, &ben, "editor").await;
        let invitations = format!("/api/projects/{project}/invitations");
        let url: String = ann.post(&invitations, json!({ "role": "editor" })).await.expect(201).field::<engine::Invitation>("invitation").url.expect("a link");
        let accept = format!("/api/invitations/{}/accept", url.rsplit('/').next().expect("a token"));
        cyd.post(&accept, json!({})).await.refused(409, "too_many_members");
        // Its place is available once one is free.
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        cyd.post(&accept, json!({})).await.expect(200);
    }

    async fn invitations_per_day_are_limited_across_projects(db: Db) {
        let server = limited(db, QuotaSettings { invitations_per_day: 4, ..Default::default() }).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let projects = [ann.project("One").await, ann.project("Two").await];
        let mut made = 0;
        for _ in 0..3 {
            let mut asking = JoinSet::new();
            for project in projects.into_iter().cycle().take(8) {
                let ann = ann.clone();
                let path = format!("/api/projects/{project}/invitations");
                asking.spawn(async move { ann.post(&path, json!({ "role": "viewer" })).await });
            }
            for answer in asking.join_all().await {
                match answer.status {
                    201 => made += 1,
                    _ => {
                        let seconds: u64 = answer.headers["retry-after"].to_str().expect("a text").parse().expect("seconds");
                        let code = answer.expect(429).field::<Value>("error")["code"].clone();
                        // One that collided with another of hers is retried after a second.
                        assert!(code == "too_many_invitations" && seconds > 60 || code == "too_many_writes" && seconds == 1, "{code} {seconds}");
                    }
                }
            }
        }
        assert_eq!(made, 4);
        assert_eq!(server.number("SELECT COUNT(*) FROM invitations").await, 4);
        let path = format!("/api/projects/{}/invitations", projects[0]);
        ann.post(&path, json!({ "role": "viewer" })).await.refused(429, "too_many_invitations");
        let other = ben.project("His").await;
        ben.post(&format!("/api/projects/{other}/invitations"), json!({ "role": "viewer" })).await.expect(201);
        let day_ago = server::clock::now().millis() - 25 * 60 * 60 * 1000;
        server.execute_text(format!("UPDATE invitations SET created_at = {day_ago}")).await;
        ann.post(&path, json!({ "role": "viewer" })).await.expect(201);
    }

    async fn users_who_write_too_quickly_have_to_wait_and_others_do_not(db: Db) {
        let server = limited(db, QuotaSettings { writes_per_second: 1, ..Default::default() }).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let answers = tasks_at_once(&ann, project, 60).await;
        let waits: Vec<u64> = answers
            .iter()
            .filter(|answer| answer.status == 429)
            .map(|answer| answer.headers["retry-after"].to_str().expect("a text").parse().expect("seconds"))
            .collect();
        assert!(!waits.is_empty() && waits.iter().all(|wait| (1..=30).contains(wait)), "{waits:?}");
        let done = let_through(answers, 429, "too_many_writes");
        // A bucket of 30, less the two earlier writes, plus what refilled while they were sent.
        assert!((20..=45).contains(&done), "{done}");
        assert_eq!(ann.board(project).await.tasks.len(), done, "a refused one leaves nothing");
        ben.task(project, "His").await;
        ann.get("/api/projects").await.expect(200);
    }

    async fn a_bulk_change_counts_as_several_writes(db: Db) {
        let server = limited(db, QuotaSettings { writes_per_second: 1, ..Default::default() }).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let mut ids = Vec::new();
        for number in 0..20 {
            ids.push(ann.task(project, &number.to_string()).await.id);
        }
        let bulk = |priority: &str| json!({ "ids": ids, "change": { "set": { "priority": priority } } });
        let path = format!("/api/projects/{project}/tasks/bulk");
        // Three each: ten of them empty a bucket of 30, where ten small writes would not.
        let mut answers = Vec::new();
        for round in 0..14 {
            answers.push(ben.post(&path, bulk(if round % 2 == 0 { "high" } else { "low" })).await);
        }
        let done = let_through(answers, 429, "too_many_writes");
        assert!((9..=12).contains(&done), "{done}");
    }

    async fn a_database_of_an_earlier_build_is_counted_and_loses_notifications_of_former_members(db: Db) {
        let old = TestServer::start(db).await;
        let (ann, ben) = (old.person("ann").await, old.person("ben").await);
        let (project, empty) = (ann.project("Board").await, ann.project("Empty").await);
        for project in [project, empty] {
            ann.invite(project, &ben, "editor").await;
        }
        for title in ["One", "Two", "Deleted"] {
            let draft = json!({ "title": title, "assignee_id": ben.user().id });
            let task: Task = ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201).field("task");
            if title == "Deleted" {
                ann.delete(&path(task.id)).await.expect(200);
            }
        }
        ann.post(&format!("/api/projects/{empty}/statuses"), json!({ "name": "Later" })).await.expect(201);
        assert_eq!(old.number("SELECT COUNT(*) FROM notifications").await, 3);
        // As earlier builds removed him.
        old.execute_text(format!("DELETE FROM project_members WHERE user_id = '{}'", ben.user().id)).await;
        for sql in BEFORE {
            old.execute(sql).await;
        }
        let quotas = QuotaSettings { cards_per_project: 4, ..Default::default() };
        let new = old.beside(Timing::default(), |config| config.quotas = quotas).await;
        assert_eq!(new.number("SELECT MAX(task_count) FROM projects").await, 3);
        assert_eq!(new.number("SELECT MIN(task_count) FROM projects").await, 0);
        assert_eq!(new.number("SELECT COUNT(*) FROM notifications").await, 0);
        assert_eq!(new.number("SELECT COUNT(*) FROM milestones").await, 1);
        let ann = ann.at(new.addr());
        ann.task(project, "Fourth").await;
        ann.post(&format!("/api/projects/{project}/tasks"), json!({ "title": "Fifth" })).await.refused(409, "too_many_cards");
    }

    async fn without_limits_nothing_is_refused(db: Db) {
        let server = limited(db, QuotaSettings::default()).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for number in 0..60 {
            ann.task(project, &number.to_string()).await;
        }
        let commented = ann.task(project, "Commented").await.id;
        for number in 0..5 {
            ann.post(&format!("{}/comments", path(commented)), json!({ "body": number.to_string() })).await.expect(201);
            ann.project(&number.to_string()).await;
        }
    }
}
