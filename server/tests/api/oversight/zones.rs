//! Dates and weeks are in the reader's time zone, also around clock changes.
//!
//! In Berlin the clocks go forward at two on Sunday 29 March 2026, and back at three on 25 October. In Santiago they
//! go forward at midnight: Sunday 6 September 2026 begins there at one, which is four in UTC.

use engine::{
    TaskId,
    day::{Day, FirstWeekday},
    oversight::{Flow, Report, Workload},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{finished, happened, live};
use crate::harness::{Client, TestServer, on_both_databases, path};

const HOUR_MS: i64 = 3_600_000;

async fn ask<T: DeserializeOwned>(client: &Client, question: &str) -> T {
    client.get(&format!("/api/oversight/{question}")).await.expect(200).json()
}

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

/// Backdates a task directly in the database: created at one time, and blocked since another.
async fn stuck(server: &TestServer, client: &Client, task: TaskId, made: &str, since: &str) {
    client.patch(&path(task), json!({ "blocked_reason": "rain" })).await.expect(200);
    let millis = |text: &str| text.parse::<engine::Timestamp>().expect("a moment").millis();
    let (made, since) = (millis(made), millis(since));
    for sql in [
        format!("UPDATE tasks SET created_at = {made}, blocked_since = {since} WHERE id = '{task}'"),
        format!("UPDATE task_history SET at = {made} WHERE task_id = '{task}' AND blocked_reason IS NULL"),
        format!(
            "UPDATE task_history SET at = {since}, blocked_since = {since} WHERE task_id = '{task}' AND blocked_reason IS NOT NULL"
        ),
    ] {
        server.execute_text(sql).await;
    }
}

/// Titles and dates of finished tasks, by title.
fn completed(report: &Report) -> Vec<(String, String)> {
    let text = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut all: Vec<_> = report.completed.iter().map(|task| (task.title.clone(), text(task.completed_on))).collect();
    all.sort();
    all
}

/// Titles and dates of finished tasks in a flow.
fn ended(flow: &Flow) -> Vec<(String, String)> {
    flow.finished.iter().map(|task| (task.title.clone(), task.completed_on.to_string())).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(title, date)| ((*title).to_owned(), (*date).to_owned())).collect()
}

on_both_databases! {
    async fn times_have_their_date_in_the_readers_zone(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (done, _) = finished(&ann, project, "Done").await;
        happened(&server, done, "2026-10-18T23:30:00Z", "2026-10-20T08:00:00Z", Some("2026-10-20T21:30:00Z")).await;
        let blocked = ann.task(project, "Stuck").await.id;
        stuck(&server, &ann, blocked, "2026-10-18T22:30:00Z", "2026-10-20T22:30:00Z").await;
        for (zone, made, finished, since, days) in [
            // Two hours ahead of UTC in that week: half an hour before and after midnight.
            ("Europe/Berlin", "2026-10-19", "2026-10-20", "2026-10-21", 5),
            ("Pacific/Auckland", "2026-10-19", "2026-10-21", "2026-10-21", 5),
            ("America/New_York", "", "2026-10-20", "2026-10-20", 6),
        ] {
            live(&ann, zone, "monday").await;
            let report: Report = ask(&ann, "report?week=2026-10-20").await;
            assert_eq!(completed(&report), pairs(&[("Done", finished)]), "{zone}");
            let [stuck] = &report.blocked[..] else { panic!("one in {zone}") };
            assert_eq!((stuck.blocked_on, stuck.days_blocked), (Some(day(since)), Some(days)), "{zone}");
            // In New York it was still Sunday.
            let created: Vec<String> = report.created.iter().map(|task| task.created_on.to_string()).collect();
            assert_eq!(created, if made.is_empty() { vec![] } else { vec![made.to_owned(); 2] }, "{zone}");
            let flow: Flow = ask(&ann, "flow?from=2026-10-19&to=2026-10-25").await;
            assert_eq!(ended(&flow), pairs(&[("Done", finished)]), "{zone}");

            let table = ann.get("/api/oversight/report.csv?week=2026-10-20").await.expect(200).text;
            assert!(table.contains(&format!(",{finished},,,,,{done}\r\n")), "{zone}: {table}");
            assert!(table.contains(&format!(",{since},rain,{days},,{blocked}\r\n")), "{zone}: {table}");
            let text = ann.get("/api/oversight/report.md?week=2026-10-20").await.expect(200).text;
            assert!(text.contains(&format!(", completed {finished}\n")), "{zone}: {text}");
            assert!(text.contains(&format!(", blocked for {days} days since {since}, rain\n")), "{zone}: {text}");
        }
        // The days of these two zones begin at the same times, with different dates.
        for (zone, today) in [("Pacific/Kiritimati", "2026-10-21"), ("Pacific/Honolulu", "2026-10-20")] {
            live(&ann, zone, "monday").await;
            let flow: Flow = ask(&ann, &format!("flow?from={today}&to={today}")).await;
            assert_eq!(ended(&flow), pairs(&[("Done", today)]), "{zone}");
            assert_eq!(flow.starts, ["2026-10-20T10:00:00Z".parse().expect("a moment")], "{zone}");
        }
    }

    async fn a_week_is_as_long_as_its_clock_changes_make_it(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for (title, done) in [
            ("Spring before", "2026-03-22T22:59:59Z"),
            ("Spring first", "2026-03-22T23:00:00Z"),
            ("Spring last", "2026-03-29T21:59:59Z"),
            ("Spring after", "2026-03-29T22:00:00Z"),
            ("Autumn before", "2026-10-18T21:59:59Z"),
            ("Autumn first", "2026-10-18T22:00:00Z"),
            ("Autumn last", "2026-10-25T22:59:59Z"),
            ("Autumn after", "2026-10-25T23:00:00Z"),
        ] {
            let (task, _) = finished(&ann, project, title).await;
            happened(&server, task, "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z", Some(done)).await;
        }
        let task = ann.task(project, "Stuck").await.id;
        stuck(&server, &ann, task, "2026-01-01T08:00:00Z", "2026-01-01T08:00:00Z").await;
        live(&ann, "Europe/Berlin", "monday").await;
        for (week, hours, [first, last], after) in [
            ("2026-03-23", 167, ["Spring first", "Spring last"], "Spring after"),
            ("2026-10-19", 169, ["Autumn first", "Autumn last"], "Autumn after"),
        ] {
            let (monday, next) = (day(week), day(week).plus(7));
            let (begin, end) = (monday.to_string(), monday.plus(6).to_string());
            let within = pairs(&[(first, &begin), (last, &end)]);
            let report: Report = ask(&ann, &format!("report?week={week}")).await;
            assert_eq!(completed(&report), within);
            let [stuck] = &report.blocked[..] else { panic!("one") };
            assert_eq!(stuck.days_blocked.map(i64::from), Some(next.since(day("2026-01-01"))));
            let report: Report = ask(&ann, &format!("report?week={next}")).await;
            assert_eq!(completed(&report), pairs(&[(after, &next.to_string())]));
            assert_eq!(report.before.completed, 2);

            let flow: Flow = ask(&ann, &format!("flow?project={project}&from={week}&to={end}")).await;
            assert_eq!(ended(&flow), within);
            assert_eq!(flow.throughput.iter().map(|week| (week.week, week.finished)).collect::<Vec<_>>(), [(monday, 2)]);
            // It was blocked all the time, which is the length of the week.
            assert_eq!(flow.blocked[0].hours, f64::from(hours));
            // The last day has 23 or 25 hours.
            let days: Vec<i64> = flow.starts.windows(2).map(|two| (two[1].millis() - two[0].millis()) / HOUR_MS).collect();
            assert_eq!(days, [24; 6]);
            let finished = flow.bands.last().expect("a band").counts.clone();
            assert_eq!((finished[5], finished[6]), (finished[0], finished[0] + 1));
            let both: Flow = ask(&ann, &format!("flow?from={week}&to={next}")).await;
            assert_eq!(both.starts[7].millis() - both.starts[0].millis(), i64::from(hours) * HOUR_MS);
            assert_eq!(both.throughput.iter().map(|week| week.finished).collect::<Vec<_>>(), [2, 1]);
        }
        // Planned work goes by dates: such a week is as long as any other. Overdue work counts in none.
        for week in ["2031-03-24", "2031-10-20"] {
            let (monday, next) = (day(week), day(week).plus(7));
            let draft = json!({ "title": "Planned", "estimate_hours": 7.0, "assignee_id": ann.user().id, "start_at": monday.timestamp(), "due_at": next.plus(-1).timestamp() });
            ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
            let load: Workload = ask(&ann, &format!("workload?from={week}&count=2")).await;
            assert_eq!(load.periods, [monday, next]);
            let anns = load.people.iter().find(|person| person.user_id.is_some()).expect("ann");
            assert_eq!((anns.cells[0].capacity, anns.cells[0].hours, anns.cells[1].hours), (40.0, 7.0, 0.0));
            let load: Workload = ask(&ann, &format!("workload?unit=day&from={week}&count=8")).await;
            assert_eq!(load.periods, [0, 1, 2, 3, 4, 5, 6, 7].map(|number| monday.plus(number)));
        }
    }

    async fn a_day_without_a_midnight_begins_at_its_first_moment(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for (title, done) in [("Saturday", "2026-09-06T03:59:59Z"), ("Sunday", "2026-09-06T04:00:00Z")] {
            let (task, _) = finished(&ann, project, title).await;
            happened(&server, task, "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z", Some(done)).await;
        }
        live(&ann, "America/Santiago", "sunday").await;
        for (week, title, date) in [("2026-08-30", "Saturday", "2026-09-05"), ("2026-09-06", "Sunday", "2026-09-06")] {
            let report: Report = ask(&ann, &format!("report?week={week}")).await;
            assert_eq!((report.week, completed(&report)), (day(week), pairs(&[(title, date)])));
            let flow: Flow = ask(&ann, &format!("flow?from={date}&to={date}")).await;
            assert_eq!(ended(&flow), pairs(&[(title, date)]));
            assert_eq!(flow.throughput[0].week, day(week));
        }
        let flow: Flow = ask(&ann, &format!("flow?project={project}&from=2026-09-05&to=2026-09-07")).await;
        assert_eq!(flow.bands[2].counts, [1, 2, 2]);
        let starts = ["2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"];
        assert_eq!(flow.starts, starts.map(|start| start.parse().expect("a moment")));
        let due = json!({ "title": "Due", "estimate_hours": 3.0, "due_at": "2030-09-08T00:00:00Z" });
        ann.post(&format!("/api/projects/{project}/tasks"), due).await.expect(201);
        let load: Workload = ask(&ann, "workload?from=2030-09-07&count=2").await;
        assert_eq!(load.periods, [day("2030-09-01"), day("2030-09-08")]);
        assert_eq!(load.people[1].cells.iter().map(|cell| cell.hours).collect::<Vec<_>>(), [0.0, 3.0]);
    }

    async fn the_default_date_is_the_readers_today(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        ann.project("Board").await;
        // Whatever the hour, the date differs in one of them.
        for (zone, hours) in [("Pacific/Kiritimati", 14), ("Pacific/Niue", -11)] {
            let date = || Day::utc(server::clock::now().plus(hours * HOUR_MS));
            for (word, first) in
                [("monday", FirstWeekday::Monday), ("saturday", FirstWeekday::Saturday), ("sunday", FirstWeekday::Sunday)]
            {
                live(&ann, zone, word).await;
                let earliest = date();
                let report: Report = ask(&ann, "report").await;
                let flow: Flow = ask(&ann, "flow").await;
                let fortnight: Flow = ask(&ann, "flow?days=14").await;
                let weeks: Workload = ask(&ann, "workload").await;
                let days: Workload = ask(&ann, "workload?unit=day").await;
                // It may be midnight there right now.
                let possible = earliest..=date();
                for today in [report.today, flow.today, fortnight.today, weeks.today, days.today] {
                    assert!(possible.contains(&today), "{zone}: {today}");
                }
                assert_eq!((report.week, weeks.periods[0]), (report.today.week(first), weeks.today.week(first)));
                assert_eq!((flow.days.last(), fortnight.days.last()), (Some(&flow.today), Some(&fortnight.today)));
                assert_eq!((fortnight.days.len(), days.periods[0]), (14, days.today));
                assert_eq!(flow.throughput.last().map(|week| week.week), Some(flow.today.week(first)));
            }
        }
    }
}
