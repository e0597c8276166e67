//! Report and flow are never stale: whatever is written on one node is in those of the other at once.

use engine::{
    Category, ProjectId, TaskId,
    day::{Day, FirstWeekday},
    oversight::{Flow, Report},
};
use serde_json::{Value, json};
use server::realtime::Timing;

use super::move_to;
use crate::{
    harness::{Client, RedisServer, TestServer, on_both_databases, path},
    realtime::pair,
};

/// The figures of both. The tasks of a report: completed, in progress, blocked, overdue, due next week, new. Of flow:
/// tasks by category at the end of its last day; finished, ageing and blocked ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    report: [usize; 6],
    bands: [u32; 3],
    flow: [usize; 3],
}

const NOTHING: Sight = Sight { report: [0; 6], bands: [0; 3], flow: [0; 3] };

async fn report(client: &Client) -> Report {
    client.get("/api/oversight/report").await.expect(200).json()
}

async fn flow(client: &Client) -> Flow {
    client.get("/api/oversight/flow").await.expect(200).json()
}

async fn sees(client: &Client) -> Sight {
    let (report, flow) = (report(client).await, flow(client).await);
    let lists = [
        &report.completed,
        &report.in_progress,
        &report.blocked,
        &report.overdue,
        &report.due_next_week,
        &report.created,
    ];
    let now = |category: Category| {
        let bands = flow.bands.iter().filter(|band| band.category == category);
        bands.filter_map(|band| band.counts.last()).sum()
    };
    Sight {
        report: lists.map(Vec::len),
        bands: [Category::Todo, Category::Doing, Category::Done].map(now),
        flow: [flow.finished.len(), flow.ageing.len(), flow.blocked.len()],
    }
}

async fn bulk(client: &Client, project: ProjectId, ids: &[TaskId], change: Value) {
    let body = json!({ "ids": ids, "change": change });
    client.post(&format!("/api/projects/{project}/tasks/bulk"), body).await.expect(200);
}

/// Each kind of change by Ann on one node, and at once what she reads on the other, with or without the bus.
async fn each_change_is_read_on_the_other(one: &TestServer, two: &TestServer) {
    let (ann, ben) = (one.person("ann").await, one.person("ben").await);
    let project = ann.project("Board").await;
    let columns = ann.statuses(project).await;
    let (there, bens) = (ann.at(two.addr()), ben.at(two.addr()));
    assert_eq!(sees(&there).await, NOTHING);
    let today = Day::utc(server::clock::now());
    let next = today.week(FirstWeekday::Monday).plus(7);

    let task = ann.task(project, "Card").await.id;
    let made = Sight { report: [0, 0, 0, 0, 0, 1], bands: [1, 0, 0], flow: [0; 3] };
    assert_eq!(sees(&there).await, made, "create");
    ann.patch(&path(task), json!({ "due_at": next.timestamp() })).await.expect(200);
    assert_eq!(sees(&there).await, Sight { report: [0, 0, 0, 0, 1, 1], ..made }, "update");
    ann.patch(&path(task), json!({ "due_at": today.plus(-2).timestamp() })).await.expect(200);
    assert_eq!(sees(&there).await, Sight { report: [0, 0, 0, 1, 0, 1], ..made }, "update again");
    ann.patch(&path(task), json!({ "blocked_reason": "rain" })).await.expect(200);
    let blocked = Sight { report: [0, 0, 1, 1, 0, 1], bands: [1, 0, 0], flow: [0, 0, 1] };
    assert_eq!(sees(&there).await, blocked, "blocked");
    move_to(&ann, task, columns[1]).await;
    let doing = Sight { report: [0, 1, 1, 1, 0, 1], bands: [0, 1, 0], flow: [0, 1, 1] };
    assert_eq!(sees(&there).await, doing, "status");
    ann.patch(&path(task), json!({ "title": "Another", "blocked_reason": null, "due_at": null })).await.expect(200);
    let seen = (report(&there).await.in_progress.remove(0), flow(&there).await.ageing.remove(0));
    assert_eq!((&*seen.0.title, &*seen.1.title, seen.1.blocked), ("Another", "Another", false), "title");
    move_to(&ann, task, columns[2]).await;
    let done = Sight { report: [1, 0, 0, 0, 0, 1], bands: [0, 0, 1], ..sees(&there).await };
    assert_eq!((sees(&there).await, done.flow[..2].to_vec()), (done, vec![1, 0]), "done");
    ann.delete(&path(task)).await.expect(200);
    let gone = sees(&there).await;
    assert_eq!((gone.report, gone.bands, gone.flow[0]), (NOTHING.report, NOTHING.bands, 0), "delete");
    ann.post(&format!("{}/restore", path(task)), json!({})).await.expect(200);
    assert_eq!(sees(&there).await, done, "restore");
    move_to(&ann, task, columns[1]).await;
    assert_eq!(sees(&there).await.report, [0, 1, 0, 0, 0, 1], "taken up again");

    assert_eq!(sees(&bens).await, NOTHING);
    ann.invite(project, &ben, "viewer").await;
    assert_eq!(sees(&bens).await, sees(&there).await, "a member comes, and sees");
    ann.post(&format!("{}/assign", path(task)), json!({ "assignee_id": ben.user().id })).await.expect(200);
    let whose = async || {
        let (report, flow) = (report(&there).await, flow(&there).await);
        (report.in_progress[0].assignee.clone(), flow.ageing[0].assignee.clone())
    };
    assert_eq!(whose().await, (Some("ben".into()), Some("ben".into())), "assign");

    let mut ids = vec![task];
    for title in ["one", "two"] {
        ids.push(ann.task(project, title).await.id);
    }
    bulk(&ann, project, &ids, json!({ "move": { "status_id": columns[0] } })).await;
    let todo = sees(&there).await;
    assert_eq!((todo.report, todo.bands, todo.flow[1]), ([0, 0, 0, 0, 0, 3], [3, 0, 0], 0), "bulk move");
    bulk(&ann, project, &ids, json!({ "set": { "blocked_reason": "rain" } })).await;
    assert_eq!((sees(&there).await.report, sees(&there).await.flow[2]), ([0, 0, 3, 0, 0, 3], 3), "bulk set");
    bulk(&ann, project, &ids, json!({ "assign": { "assignee_id": ann.user().id } })).await;
    assert!(report(&there).await.blocked.iter().all(|task| task.assignee.as_deref() == Some("ann")), "bulk assign");
    bulk(&ann, project, &ids, json!("delete")).await;
    assert_eq!((sees(&there).await.report, sees(&there).await.bands), ([0; 6], [0; 3]), "bulk delete");
    bulk(&ann, project, &ids, json!("restore")).await;
    assert_eq!((sees(&there).await.report, sees(&there).await.bands), ([0, 0, 3, 0, 0, 3], [3, 0, 0]), "bulk restore");

    // The category of a column, and its name.
    let column = format!("/api/projects/{project}/statuses/{}", columns[0]);
    ann.patch(&column, json!({ "category": "doing", "name": "Busy" })).await.expect(200);
    assert_eq!((sees(&there).await.report, sees(&there).await.bands), ([0, 3, 3, 0, 0, 3], [0, 3, 0]), "category");
    assert_eq!((&*report(&there).await.in_progress[0].status, &*flow(&there).await.ageing[0].status), ("Busy", "Busy"));
    ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
    assert_eq!(sees(&bens).await, NOTHING, "who is let go sees nothing");
    ann.delete(&format!("/api/projects/{project}")).await.expect(200);
    assert_eq!(sees(&there).await, NOTHING, "nor does anybody of what is gone");
}

on_both_databases! {
    async fn every_change_on_one_node_is_in_report_and_flow_of_the_other(db: Db) {
        let redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &Timing::default()).await;
        each_change_is_read_on_the_other(&one, &two).await;
    }

    async fn a_change_that_the_bus_lost_is_in_report_and_flow_too(db: Db) {
        let one = TestServer::start(db).await;
        let two = one.beside(Timing::default(), |_| ()).await;
        each_change_is_read_on_the_other(&one, &two).await;
    }

    async fn capacities_are_read_on_the_other_node_by_day(db: Db) {
        let one = TestServer::start(db).await;
        let two = one.beside(Timing::default(), |_| ()).await;
        let ann = one.person("ann").await;
        ann.project("Board").await;
        let there = ann.at(two.addr());
        let path = format!("/api/users/{}/capacity", ann.user().id);
        let days = async || {
            let asked = there.get("/api/oversight/workload?unit=day&from=2083-03-01&count=7").await.expect(200);
            let load: engine::oversight::Workload = asked.json();
            let anns = load.people.iter().find(|person| person.user_id.is_some()).expect("ann");
            anns.cells.iter().map(|cell| cell.capacity).collect::<Vec<_>>()
        };
        assert_eq!(days().await, [8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0]);
        let hours = [6.0, 6.0, 6.0, 6.0, 0.0, 3.0, 0.0];
        ann.put(&path, json!({ "hours": hours })).await.expect(200);
        assert_eq!(days().await, hours);
        let away = json!([{ "first": "2083-03-02", "last": "2083-03-03" }]);
        ann.put(&path, json!({ "hours": hours, "days_off": away })).await.expect(200);
        assert_eq!(days().await, [6.0, 0.0, 0.0, 6.0, 0.0, 3.0, 0.0]);
    }

    async fn shares_of_report_and_flow_are_cached_until_their_board_changes(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let (one, two) = (ann.project("One").await, ann.project("Two").await);
        ann.invite(one, &ben, "viewer").await;
        ann.task(one, "Card").await;
        let counts = || {
            let counts = server.state().services.oversight.counts();
            (counts.misses, counts.hits)
        };
        sees(&ann).await;
        assert_eq!(counts(), (4, 0));
        // Other people, and one of the projects: all of it from the cache.
        sees(&ben).await;
        for resource in ["report", "report.csv", "report.md", "flow"] {
            ann.get(&format!("/api/oversight/{resource}?project={two}")).await.expect(200);
        }
        assert_eq!(counts(), (4, 6));
        ann.task(one, "Another").await;
        sees(&ann).await;
        assert_eq!(counts(), (6, 8), "only the board that changed");
    }

    async fn no_task_is_cut_off(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let late = Day::utc(server::clock::now()).plus(-1).timestamp();
        // More than a page of any other list.
        let count = engine::limit::PAGE + 20;
        let mut ids = Vec::new();
        for number in 0..count {
            let draft = json!({ "title": format!("Card {number:03}"), "due_at": late, "assignee_id": ann.user().id });
            let made = ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
            ids.push(made.field::<engine::Task>("task").id);
        }
        bulk(&ann, project, &ids, json!({ "move": { "status_id": columns[1] } })).await;
        bulk(&ann, project, &ids, json!({ "set": { "blocked_reason": "rain" } })).await;
        let reported = report(&ann).await;
        for tasks in [&reported.in_progress, &reported.blocked, &reported.overdue, &reported.created] {
            assert_eq!(tasks.len(), count);
            assert!(tasks.iter().all(|task| task.assignee.as_deref() == Some("ann")));
        }
        assert_eq!(flow(&ann).await.ageing.len(), count);
        let csv = ann.get("/api/oversight/report.csv").await.expect(200).text;
        assert_eq!(csv.lines().count(), 1 + 4 * count);
        let text = ann.get("/api/oversight/report.md").await.expect(200).text;
        assert_eq!(text.lines().filter(|line| line.starts_with("- Card ")).count(), 4 * count);
    }
}
