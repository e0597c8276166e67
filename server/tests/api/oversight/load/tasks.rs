//! The tasks behind a figure.

use engine::oversight::workload::LoadTasks;
use serde_json::json;

use super::{make, of, workload};
use crate::harness::{Client, TestServer, on_both_databases, path};

async fn tasks(client: &Client, query: &str) -> LoadTasks {
    client.get(&format!("/api/oversight/tasks?{query}")).await.expect(200).json()
}

on_both_databases! {
    async fn a_figure_leads_to_its_tasks(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        let id = ben.user().id;
        let week = json!({ "assignee_id": id, "estimate_hours": 10.0, "start_at": "2083-03-04T00:00:00Z", "due_at": "2083-03-10T00:00:00Z" });
        let week = make(&ann, project, week).await;
        // Over a weekend, on which he does not work; and one with its dates swapped.
        let friday = json!({ "assignee_id": id, "start_at": "2083-03-05T00:00:00Z", "due_at": "2083-03-06T00:00:00Z" });
        let friday = make(&ann, project, friday).await;
        let odd = json!({ "assignee_id": id, "estimate_hours": 2.0, "start_at": "2083-03-09T00:00:00Z", "due_at": "2083-03-08T00:00:00Z" });
        let odd = make(&ann, project, odd).await;
        let late = make(&ann, project, json!({ "assignee_id": id, "due_at": "2020-01-01T00:00:00Z" })).await;
        ann.patch(&path(late.id), json!({ "blocked_reason": "Rain" })).await.expect(200);
        let undated = make(&ann, project, json!({ "assignee_id": id })).await;
        make(&ann, project, json!({ "due_at": "2083-03-09T00:00:00Z" })).await;

        let ids = async |query: &str| {
            let page = tasks(&ann, &format!("user={id}&{query}")).await;
            assert_eq!(page.next, None);
            page.tasks.into_iter().map(|task| (task.id, task.hours)).collect::<Vec<_>>()
        };
        assert_eq!(ids("which=period&from=2083-03-01&to=2083-03-07").await, [(friday.id, 0.0), (week.id, 4.0)]);
        assert_eq!(ids("which=period&from=2083-03-08&to=2083-03-14").await, [(odd.id, 2.0), (week.id, 6.0)]);
        assert!(ids("which=period&from=2083-03-06&to=2083-03-06").await.is_empty());
        assert_eq!(ids("which=overdue").await, [(late.id, 0.0)]);
        assert_eq!(ids("which=blocked").await, [(late.id, 0.0)]);
        assert_eq!(ids("which=undated").await, [(undated.id, 0.0)]);
        let open = [(late.id, 0.0), (friday.id, 0.0), (odd.id, 2.0), (week.id, 10.0), (undated.id, 0.0)];
        assert_eq!(ids("which=open").await, open);
        assert_eq!(tasks(&ann, "user=none&which=open").await.tasks.len(), 1);

        // Each figure agrees with its tasks; a viewer can read them without changing anything.
        let load = workload(&ben, "from=2083-03-01&count=2").await;
        let his = of(&load, Some(&ben));
        assert_eq!(his.cells.iter().map(|cell| (cell.hours, cell.tasks)).collect::<Vec<_>>(), [(4.0, 2), (8.0, 2)]);
        let task = tasks(&ben, &format!("user={id}&which=blocked")).await.tasks.remove(0);
        assert_eq!((task.project.as_str(), task.status.as_str(), task.editable), ("Board", "To do", false));
        assert_eq!(task.blocked_reason.as_deref(), Some("Rain"));
        assert!(tasks(&ann, &format!("user={id}&which=blocked")).await.tasks[0].editable);
    }

    async fn tasks_are_paged_each_exactly_once(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        // Some on the same date, some of which have no part in the period.
        for number in 0..130 {
            let due = format!("2083-03-{:02}T00:00:00Z", 1 + number % 3);
            make(&ann, project, json!({ "due_at": due, "estimate_hours": 1.0 })).await;
        }
        for (query, all) in [("which=open", 130), ("which=period&from=2083-03-02&to=2083-03-03", 86)] {
            let (mut seen, mut next) = (Vec::new(), Some(String::new()));
            while let Some(after) = next {
                let after = if after.is_empty() { after } else { format!("&after={after}") };
                let page = tasks(&ann, &format!("user=none&{query}{after}")).await;
                assert_eq!(page.tasks.len() == 50, page.next.is_some());
                seen.extend(page.tasks.into_iter().map(|task| (task.due_at, task.id)));
                next = page.next;
            }
            assert!(seen.is_sorted() && seen.len() == all, "{}", seen.len());
            seen.dedup();
            assert_eq!(seen.len(), all);
        }
    }

    async fn invalid_queries_and_foreign_projects_are_refused(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let hers = eve.project("Hers").await;
        make(&eve, hers, json!({})).await;
        for (field, query) in [
            ("user", "which=open"), ("user", "user=ben&which=open"), ("which", "user=none"), ("which", "user=none&which=odd"),
            ("from", "user=none&which=period&to=2083-03-01"), ("to", "user=none&which=period&from=2083-03-01"),
            ("to", "user=none&which=period&from=2083-03-02&to=2083-03-01"), ("after", "user=none&which=open&after=1"),
        ] {
            let answer = ann.get(&format!("/api/oversight/tasks?{query}")).await;
            assert_eq!(answer.refused(422, "invalid")["field"], field, "{query}");
        }
        ann.get(&format!("/api/oversight/tasks?user=none&which=open&project={hers}")).await.refused(404, "project_not_found");
        assert!(tasks(&ann, "user=none&which=open").await.tasks.is_empty());
        assert_eq!(tasks(&eve, "user=none&which=open").await.tasks.len(), 1);
    }
}
