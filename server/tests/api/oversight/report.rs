//! Weekly reports.

use engine::{
    ProjectId, TaskId,
    day::{Day, FirstWeekday},
    oversight::report::{Counts, Report, ReportTask},
};
use serde_json::json;
use server::realtime::Timing;
use uuid::Uuid;

use super::{finished, happened, live, move_to, versions::unless};
use crate::harness::{Client, TestServer, on_both_databases, path};

const PATH: &str = "/api/oversight/report";

async fn report(client: &Client, query: &str) -> Report {
    client.get(&format!("{PATH}?{query}")).await.expect(200).json()
}

fn titles(tasks: &[ReportTask]) -> Vec<&str> {
    tasks.iter().map(|task| task.title.as_str()).collect()
}

/// A task that is due this many days from today in UTC.
async fn due(client: &Client, project: ProjectId, title: &str, day: Day) -> TaskId {
    let body = json!({ "title": title, "due_at": day.timestamp() });
    client.post(&format!("/api/projects/{project}/tasks"), body).await.expect(201).field::<engine::Task>("task").id
}

on_both_databases! {
    async fn the_current_week_is_reported_as_it_is(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        let (_, columns) = finished(&ann, project, "Done").await;
        let doing = ann.task(project, "Doing").await.id;
        move_to(&ann, doing, columns[1]).await;
        ann.post(&format!("{}/assign", path(doing)), json!({ "assignee_id": ben.user().id })).await.expect(200);
        let blocked = ann.task(project, "Blocked").await.id;
        ann.patch(&path(blocked), json!({ "blocked_reason": "rain" })).await.expect(200);
        let today = Day::utc(server::clock::now());
        let week = today.week(FirstWeekday::Monday);
        due(&ann, project, "Late", today.plus(-3)).await;
        due(&ann, project, "Today", today).await;
        due(&ann, project, "Next", week.plus(7)).await;
        due(&ann, project, "Next too", week.plus(13)).await;
        due(&ann, project, "Far", week.plus(14)).await;
        let gone = due(&ann, project, "Gone", today.plus(-3)).await;
        ann.delete(&path(gone)).await.expect(200);

        // A viewer sees all of it.
        let report = report(&ben, &format!("project={project}")).await;
        assert_eq!((report.week, report.last, report.today), (week, week.plus(6), today));
        assert_eq!(report.project.as_deref(), Some("Board"));
        assert_eq!(titles(&report.completed), ["Done"]);
        assert!(report.completed[0].completed_at.is_some());
        assert_eq!(titles(&report.in_progress), ["Doing"]);
        let Some(ReportTask { assignee, status, .. }) = report.in_progress.first() else { panic!("one") };
        assert_eq!((assignee.as_deref(), status.as_str()), (Some("ben"), "In progress"));
        assert_eq!(titles(&report.blocked), ["Blocked"]);
        let ReportTask { blocked_reason, days_blocked, .. } = &report.blocked[0];
        assert_eq!((blocked_reason.as_deref(), *days_blocked), (Some("rain"), Some(0)));
        assert_eq!(titles(&report.overdue), ["Late"]);
        assert_eq!(report.overdue[0].days_overdue, Some(3));
        assert_eq!(titles(&report.due_next_week), ["Next", "Next too"]);
        assert_eq!(report.created.len(), 8);
        let counts =
            Counts { completed: 1, in_progress: 1, blocked: 1, overdue: 1, due_next_week: 2, created: 8 };
        assert_eq!(report.counts, counts);
        assert_eq!(report.before, Counts::default());
    }

    async fn a_past_week_is_reported_as_it_was_at_its_end(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (done, columns) = finished(&ann, project, "Done in it").await;
        let later = ann.task(project, "Done later").await.id;
        move_to(&ann, later, columns[1]).await;
        let late = due(&ann, project, "Late then", "2026-10-20".parse().expect("a day")).await;
        happened(&server, done, "2026-10-14T08:00:00Z", "2026-10-15T08:00:00Z", Some("2026-10-21T08:00:00Z")).await;
        happened(&server, later, "2026-10-20T08:00:00Z", "2026-10-20T09:00:00Z", None).await;
        happened(&server, late, "2026-10-14T08:00:00Z", "2026-10-14T08:00:00Z", None).await;
        // All of this happens after the week.
        move_to(&ann, later, columns[2]).await;
        ann.patch(&path(late), json!({ "due_at": "2031-01-01T00:00:00Z", "blocked_reason": "rain" })).await.expect(200);
        ann.delete(&path(done)).await.expect(200);

        let then = report(&ann, "week=2026-10-22").await;
        assert_eq!((then.week.to_string(), then.project), ("2026-10-19".to_owned(), None));
        assert_eq!(titles(&then.completed), ["Done in it"]);
        assert_eq!(titles(&then.in_progress), ["Done later"]);
        assert!(then.blocked.is_empty());
        assert_eq!(titles(&then.overdue), ["Late then"]);
        assert_eq!(then.overdue[0].days_overdue, Some(6), "at midnight after the 25th");
        assert_eq!(titles(&then.created), ["Done later"]);
        let before = Counts { in_progress: 1, due_next_week: 1, created: 2, ..Counts::default() };
        assert_eq!(then.before, before);
        // The week before reports for itself what this one says of it.
        let earlier = report(&ann, "week=2026-10-12").await;
        assert_eq!((earlier.counts, titles(&earlier.in_progress)), (before, vec!["Done in it"]));
        let now = report(&ann, "").await;
        assert_eq!((titles(&now.completed), titles(&now.blocked)), (vec!["Done later"], vec!["Late then"]));
        assert!(now.overdue.is_empty());
    }

    async fn weeks_and_dates_are_the_readers(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        // In Berlin the clocks go back on 25 October and forward on 29 March.
        for (title, done) in [
            ("Sunday 23:30", "2026-10-25T22:30:00Z"),
            ("Monday 00:30", "2026-10-25T23:30:00Z"),
            ("Spring Sunday 23:30", "2026-03-29T21:30:00Z"),
            ("Spring Monday 00:30", "2026-03-29T22:30:00Z"),
        ] {
            let (task, _) = finished(&ann, project, title).await;
            happened(&server, task, "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z", Some(done)).await;
        }
        let completed = async |week: &str| {
            let report = report(&ann, &format!("week={week}")).await;
            titles(&report.completed).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        live(&ann, "Europe/Berlin", "monday").await;
        assert_eq!(completed("2026-10-19").await, ["Sunday 23:30"]);
        assert_eq!(completed("2026-10-26").await, ["Monday 00:30"]);
        assert_eq!(completed("2026-03-23").await, ["Spring Sunday 23:30"]);
        assert_eq!(completed("2026-03-30").await, ["Spring Monday 00:30"]);
        let text = ann.get("/api/oversight/report.csv?week=2026-10-26").await.expect(200).text;
        assert!(text.contains(",2026-10-26,,,,,"), "the date of Berlin: {text}");
        // After moving to another zone, its dates apply.
        let seen = report(&ann, "week=2026-10-19").await.version;
        live(&ann, "UTC", "monday").await;
        unless(&ann, &format!("{PATH}?week=2026-10-19"), &seen).await.expect(200);
        assert_eq!(completed("2026-10-19").await, ["Monday 00:30", "Sunday 23:30"]);
        // A week from Sunday on contains both.
        live(&ann, "Europe/Berlin", "sunday").await;
        assert_eq!(completed("2026-10-26").await, ["Monday 00:30", "Sunday 23:30"]);
        assert!(completed("2026-10-24").await.is_empty());
    }

    async fn changes_on_one_node_are_in_the_report_of_the_other_at_once(db: Db) {
        let server = TestServer::start(db).await;
        let other = server.beside(Timing::default(), |_| ()).await;
        let ann = server.person("ann").await;
        let there = ann.at(other.addr());
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let task = ann.task(project, "Card").await.id;
        let mut seen = report(&there, "").await.version;
        let unchanged = async |version: &str| unless(&there, PATH, version).await.status == 304;
        for column in [1, 2, 0] {
            assert!(unchanged(&seen).await);
            move_to(&ann, task, columns[column]).await;
            let report: Report = unless(&there, PATH, &seen).await.expect(200).json();
            assert_eq!(report.in_progress.len(), usize::from(column == 1));
            assert_eq!(report.completed.len(), usize::from(column == 2));
            seen = report.version;
        }
        // The cached share is used until something happens.
        let counted = other.state().services.oversight.counts();
        report(&there, "").await;
        report(&there, "").await;
        let again = other.state().services.oversight.counts();
        assert_eq!((again.hits - counted.hits, again.misses), (2, counted.misses));
        // Names are no part of a share.
        ann.patch(&format!("/api/projects/{project}"), json!({ "name": "Renamed" })).await.expect(200);
        assert_eq!(report(&there, "").await.created[0].project, "Renamed");
    }

    async fn strangers_see_nothing_and_invalid_queries_are_refused(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let project = ann.project("Board").await;
        ann.task(project, "Card").await;
        for resource in ["report", "report.csv", "report.md", "flow"] {
            let path = format!("/api/oversight/{resource}");
            eve.get(&format!("{path}?project={project}")).await.refused(404, "project_not_found");
            eve.get(&format!("{path}?project={}", Uuid::nil())).await.refused(404, "project_not_found");
            server.anonymous().get(&path).await.expect(401);
        }
        assert_eq!(report(&eve, "").await.counts, Counts::default());
        for (path, field) in [
            ("report?week=soon", "week"),
            ("report?week=2026-02-30", "week"),
            ("report?week=2999-01-01", "week"),
            ("report.md?week=1999-01-01", "week"),
            ("flow?from=2026-1-1", "from"),
            ("flow?from=2026-02-02&to=2026-02-01", "from"),
            ("flow?from=2024-01-01&to=2026-02-01", "from"),
            ("flow?to=2999-01-01", "to"),
            ("flow?days=0", "days"),
            ("flow?days=367", "days"),
        ] {
            let error = ann.get(&format!("/api/oversight/{path}")).await.refused(422, "invalid");
            assert_eq!(error["field"], field, "{path}");
        }
        ann.get(&format!("{PATH}?project=nothing")).await.refused(422, "invalid");
    }

    async fn the_report_is_available_as_csv_and_markdown(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        for title in ["=HYPERLINK(\"http://evil\")", "*Bold*, \"quoted\""] {
            let task = ann.task(project, title).await.id;
            move_to(&ann, task, columns[1]).await;
        }
        let csv = ann.get(&format!("{PATH}.csv?project={project}")).await.expect(200);
        let week = Day::utc(server::clock::now()).week(FirstWeekday::Monday);
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
        assert_eq!(csv.headers["content-disposition"], format!("attachment; filename=\"report-{week}.csv\""));
        let lines: Vec<&str> = csv.text.split("\r\n").collect();
        assert!(lines[0].starts_with("category,project,task,column,assignee,created,due,"), "{}", lines[0]);
        // Each of them is in progress and new, and the last line ends.
        assert_eq!(lines.len(), 1 + 4 + 1);
        assert!(lines[1].starts_with("In progress,Board,\"'=HYPERLINK(\"\"http://evil\"\")\",In progress,,"), "{}", lines[1]);
        assert!(lines[2].starts_with("In progress,Board,\"*Bold*, \"\"quoted\"\"\",In progress,,"), "{}", lines[2]);
        assert!(lines[3].starts_with("New,"), "{}", lines[3]);
        let text = ann.get(&format!("{PATH}.md")).await.expect(200);
        assert_eq!(text.headers["content-type"], "text/markdown; charset=utf-8");
        assert!(text.text.starts_with(&format!("# Weekly report, {week} to {}\n", week.plus(6))), "{}", text.text);
        assert!(text.text.contains("| In progress | 2 | 0 |\n"), "{}", text.text);
        assert!(text.text.contains("## In progress (2)\n\n- \\=HYPERLINK"), "{}", text.text);
        assert!(text.text.contains("- \\*Bold\\*, \"quoted\": Board, In progress\n"), "{}", text.text);
        assert!(text.text.contains("## Blocked (0)\n\nNone.\n"), "{}", text.text);
    }
}
