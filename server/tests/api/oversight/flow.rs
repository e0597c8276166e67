//! Flow metrics.

use engine::{
    Category, StatusId, Timestamp,
    oversight::{
        Report,
        flow::{Band, Flow, Percentiles},
        query::FlowQuery,
    },
};
use serde_json::json;
use server::{
    realtime::Timing,
    service::{oversight::flow, retention},
};

use super::{finished, happened, live, move_to, versions::unless};
use crate::harness::{Client, TestServer, on_both_databases, path};

async fn flow(client: &Client, query: &str) -> Flow {
    client.get(&format!("/api/oversight/flow?{query}")).await.expect(200).json()
}

/// The name and the counts of each band.
fn bands(flow: &Flow) -> Vec<(&str, &[u32])> {
    flow.bands.iter().map(|band| (band.name.as_str(), band.counts.as_slice())).collect()
}

on_both_databases! {
    async fn days_bands_and_times_are_computed_from_the_history(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (quick, columns) = finished(&ann, project, "Quick").await;
        let (slow, _) = finished(&ann, project, "Slow").await;
        let doing = ann.task(project, "Doing").await.id;
        move_to(&ann, doing, columns[1]).await;
        happened(&server, quick, "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", Some("2026-03-03T18:00:00Z")).await;
        happened(&server, slow, "2026-03-02T09:00:00Z", "2026-03-03T08:00:00Z", Some("2026-03-09T08:00:00Z")).await;
        happened(&server, doing, "2026-03-05T09:00:00Z", "2026-03-06T08:00:00Z", None).await;
        // Unchanged from the first day to the last.
        let still = ann.task(project, "Still").await.id;
        happened(&server, still, "2026-01-02T08:00:00Z", "2026-01-02T08:00:00Z", None).await;

        let days = format!("project={project}&from=2026-03-02&to=2026-03-09");
        let seen = flow(&ann, &days).await;
        assert_eq!(seen.days.len(), 8);
        let expected: [(&str, &[u32]); 3] = [
            ("To do", &[3, 1, 1, 2, 1, 1, 1, 1]),
            ("In progress", &[0, 1, 1, 1, 2, 2, 2, 1]),
            ("Done", &[0, 1, 1, 1, 1, 1, 1, 2]),
        ];
        assert_eq!(bands(&seen), expected);
        assert_eq!(seen.bands[1].status_id, Some(columns[1]));
        let times: Vec<_> = seen.finished.iter().map(|task| (&*task.title, task.cycle_hours, task.lead_hours)).collect();
        assert_eq!(times, [("Quick", 10.0, 34.0), ("Slow", 144.0, 167.0)]);
        assert_eq!(seen.cycle, Percentiles { p50: 10.0, p85: 144.0, p95: 144.0 });
        let weeks: Vec<_> = seen.throughput.iter().map(|week| (week.week.to_string(), week.finished)).collect();
        assert_eq!(weeks, [("2026-03-02".to_owned(), 1), ("2026-03-09".to_owned(), 1)]);
        // At the end of the ninth, since the sixth at eight.
        assert_eq!(seen.ageing.len(), 1);
        assert_eq!((&*seen.ageing[0].title, seen.ageing[0].hours), ("Doing", 88.0));
        assert_eq!(&*seen.ageing[0].status, "In progress");

        // Across projects the bands are categories, and in Auckland the evening is another day.
        live(&ann, "Pacific/Auckland", "monday").await;
        let all = flow(&ann, "from=2026-03-02&to=2026-03-03").await;
        let expected: [(&str, &[u32]); 3] = [("Not started", &[3, 1]), ("In progress", &[0, 2]), ("Done", &[0, 0])];
        assert_eq!(bands(&all), expected);
        assert_eq!(all.bands[0].status_id, None::<StatusId>);
    }

    async fn flow_of_cards_that_move_back_are_deleted_and_restored(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (task, columns) = finished(&ann, project, "Card").await;
        let now = async || {
            let flow = flow(&ann, &format!("project={project}")).await;
            assert_eq!(flow.days.len(), 56);
            assert_eq!(flow.days.last(), Some(&flow.today));
            let counts: Vec<u32> = flow.bands.iter().filter_map(|band| band.counts.last().copied()).collect();
            (counts, flow.finished.len(), flow.ageing.len())
        };
        assert_eq!(now().await, (vec![0, 0, 1], 1, 0));
        move_to(&ann, task, columns[1]).await;
        assert_eq!(now().await, (vec![0, 1, 0], 0, 1));
        move_to(&ann, task, columns[2]).await;
        assert_eq!(now().await, (vec![0, 0, 1], 1, 0));
        ann.delete(&path(task)).await.expect(200);
        assert_eq!(now().await, (vec![0, 0, 0], 0, 0));
        ann.post(&format!("{}/restore", path(task)), json!({})).await.expect(200);
        assert_eq!(now().await, (vec![0, 0, 1], 1, 0));
        // Cards in a deleted column are counted by its category.
        let made = json!({ "name": "Review", "category": "doing", "after_id": columns[1] });
        let review = ann.post(&format!("/api/projects/{project}/statuses"), made).await.expect(201);
        let review: StatusId = review.field::<engine::Status>("status").id;
        move_to(&ann, task, review).await;
        assert_eq!(now().await, (vec![0, 0, 1, 0], 0, 1));
        ann.delete(&path(task)).await.expect(200);
        ann.delete(&format!("/api/projects/{project}/statuses/{review}")).await.expect(200);
        assert_eq!(now().await, (vec![0, 0, 0], 0, 0));
        server.execute("UPDATE task_history SET at = at - 172800000").await;
        server.execute("UPDATE task_history SET at = at + 172800000 WHERE seq = (SELECT MAX(h.seq) FROM task_history h)").await;
        ann.task(project, "Another").await;
        let flow = flow(&ann, &format!("project={project}")).await;
        let gone: Vec<&Band> = flow.bands.iter().filter(|band| band.status_id.is_none()).collect();
        assert_eq!((gone.len(), gone[0].category, &*gone[0].name), (1, Category::Doing, "In progress"));
        assert_eq!(gone[0].counts[53..], [1, 1, 0]);
    }

    async fn blocked_time_is_listed_longest_first(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let patch = async |task, reason: Option<&str>| {
            ann.patch(&path(task), json!({ "blocked_reason": reason })).await.expect(200);
        };
        let (once, still) = (ann.task(project, "Once").await.id, ann.task(project, "Still").await.id);
        for task in [once, still] {
            patch(task, Some("rain")).await;
        }
        patch(once, None).await;
        // Thirty hours for one, three for the other and counting.
        let hour = 3_600_000;
        for (task, ago) in [(once, 30 * hour), (still, 3 * hour)] {
            let sql = format!("UPDATE task_history SET at = at - {ago} WHERE task_id = '{task}' AND blocked_reason IS NOT NULL");
            server.execute_text(sql).await;
            server.execute_text(format!("UPDATE task_history SET at = at - {} WHERE task_id = '{task}' AND seq = (SELECT MIN(b.seq) FROM task_history b WHERE b.task_id = '{task}')", 31 * hour)).await;
        }
        let flow = flow(&ann, "").await;
        let blocked: Vec<_> = flow.blocked.iter().map(|task| (&*task.title, task.hours.round(), task.still)).collect();
        assert_eq!(blocked, [("Once", 30.0, false), ("Still", 3.0, true)]);
    }

    async fn work_in_progress_is_at_most_a_minute_old(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let begun: Timestamp = "2031-05-05T08:00:00Z".parse().expect("a moment");
        // The response to a reader who knows `seen`, this many minutes and seconds after the start.
        let at = async |minutes: i64, seconds: i64, to: Option<&str>, seen: Option<&str>| {
            let query = FlowQuery {
                project: Some(project),
                to: to.map(|day| day.parse().expect("a date")),
                ..FlowQuery::default()
            };
            let now = begun.plus((minutes * 60 + seconds) * 1000);
            let known = seen.map(str::to_owned).into();
            let flow = flow::of(&server.state().services, ann.user(), &query, &known, now).await;
            flow.unwrap_or_else(|_| panic!("{query:?}")).into_new()
        };
        let task = ann.task(project, "Card").await.id;
        let still = at(0, 0, None, None).await.expect("unseen");
        assert!(at(600, 0, None, Some(&still.version)).await.is_none(), "nothing goes on, all day long");
        let next = at(16 * 60, 0, None, Some(&still.version)).await.expect("another day");
        assert_eq!(next.today, still.today.plus(1));

        move_to(&ann, task, columns[1]).await;
        happened(&server, task, "2031-05-05T07:00:00Z", "2031-05-05T08:00:00Z", None).await;
        let first = at(6, 59, None, None).await.expect("unseen");
        assert_eq!(first.ageing[0].hours, 0.1);
        assert!(at(6, 0, None, Some(&first.version)).await.is_none(), "the same minute");
        let next = at(7, 0, None, Some(&first.version)).await.expect("another minute");
        assert_eq!(next.ageing[0].hours, 7.0 / 60.0);
        // Past days are reported as they were at their end.
        let over = at(16 * 60, 0, Some("2031-05-05"), None).await.expect("unseen");
        assert_eq!(over.ageing[0].hours, 16.0);
        assert!(at(16 * 60 + 30, 0, Some("2031-05-05"), Some(&over.version)).await.is_none(), "it gets no older");
        // The same goes for blocked cards.
        move_to(&ann, task, columns[0]).await;
        ann.patch(&path(task), json!({ "blocked_reason": "rain" })).await.expect(200);
        for (rows, at) in [("'todo'", begun.plus(1)), ("'todo' AND blocked_reason IS NOT NULL", begun.plus(60_000))] {
            let (at, seq) = (at.millis(), "(SELECT MIN(d.seq) FROM task_history d WHERE d.category = 'doing')");
            server.execute_text(format!("UPDATE task_history SET at = {at} WHERE category = {rows} AND seq > {seq}")).await;
        }
        let blocked = at(7, 0, None, None).await.expect("unseen");
        assert_eq!((blocked.ageing.len(), blocked.blocked[0].hours), (0, 0.1));
        assert!(at(8, 0, None, Some(&blocked.version)).await.is_some());
    }

    async fn flow_survives_pruning_and_is_equal_on_two_nodes(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for title in ["one", "two"] {
            let (task, _) = finished(&ann, project, title).await;
            happened(&server, task, "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", Some("2026-03-03T18:00:00Z")).await;
        }
        let days = format!("project={project}&from=2026-03-01&to=2026-03-07");
        let before = flow(&ann, &days).await;
        assert_eq!(before.finished.len(), 2);
        let week = async |client: &Client| -> Report {
            client.get("/api/oversight/report?week=2026-03-02").await.expect(200).json()
        };
        let reported = week(&ann).await;
        assert_eq!(reported.counts.completed, 2);
        let later = server::clock::now().plus(3_600_000);
        assert!(retention::prune(&server.state().services.store, later, 0).await.expect("it prunes") >= 6);
        // This node has computed nothing yet.
        let other = server.beside(Timing::default(), |_| ()).await;
        assert_eq!(flow(&ann.at(other.addr()), &days).await, before);
        assert_eq!(week(&ann.at(other.addr())).await, reported);
        let answer = unless(&ann.at(other.addr()), &format!("/api/oversight/flow?{days}"), &before.version).await;
        assert_eq!(answer.status, 304);
        // What is left of a deleted project is invisible.
        ann.delete(&format!("/api/projects/{project}")).await.expect(200);
        ann.get(&format!("/api/oversight/flow?{days}")).await.refused(404, "project_not_found");
        assert!(flow(&ann, "from=2026-03-01&to=2026-03-07").await.finished.is_empty());
    }
}
