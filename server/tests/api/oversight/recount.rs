//! Report and flow against a plain recount: seeded random changes to a board, and its history evaluated row by row,
//! day by day.

mod acts;

use std::collections::BTreeMap;

use engine::{
    Category, ProjectId, StatusId, TaskId,
    day::Day,
    oversight::{
        Flow, Report,
        report::{Counts, ReportTask},
    },
    time::DAY_MS,
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::json;

use crate::harness::{TestServer, on_both_databases};
use acts::{act, play};

/// The interval between changes, once their history is spread over the past.
const APART_MS: i64 = 3 * 3_600_000 + 1;

/// A row of the history.
#[derive(Clone, Copy, Debug)]
struct Row {
    seq: i64,
    at: i64,
    status: StatusId,
    category: Category,
    due: Option<i64>,
    since: Option<i64>,
    completed: Option<i64>,
    present: bool,
}

/// All rows by task, in order.
type Rows = BTreeMap<TaskId, Vec<Row>>;

async fn rows(server: &TestServer, project: ProjectId) -> Rows {
    let sql = format!(
        "SELECT task_id || ' ' || seq || ' ' || at || ' ' || status_id || ' ' || category || ' '
          || COALESCE(CAST(due_at AS TEXT), '-') || ' ' || COALESCE(CAST(blocked_since AS TEXT), '-') || ' '
          || COALESCE(CAST(completed_at AS TEXT), '-') || ' ' || present
         FROM task_history WHERE project_id = '{project}' ORDER BY seq"
    );
    let mut tasks = Rows::new();
    for text in server.texts(sql).await {
        let words: Vec<&str> = text.split(' ').collect();
        let row = Row {
            seq: words[1].parse().expect("a number"),
            at: words[2].parse().expect("a moment"),
            status: words[3].parse().expect("a column"),
            category: serde_json::from_value(json!(words[4])).expect("a category"),
            due: words[5].parse().ok(),
            since: words[6].parse().ok(),
            completed: words[7].parse().ok(),
            present: words[8] == "1",
        };
        tasks.entry(words[0].parse().expect("a task")).or_default().push(row);
    }
    tasks
}

/// Spreads the changes of the last second over the past weeks, directly in the database, before anything was read.
async fn spread(server: &TestServer, tasks: &mut Rows) {
    let newest = tasks.values().flatten().map(|row| row.seq).max().expect("a row");
    let mut statements = Vec::new();
    for (id, rows) in tasks {
        let recorded = rows.clone();
        // A state begins with the first row that has it.
        let moved = |moment: Option<i64>, of: fn(&Row) -> Option<i64>| {
            let first = recorded.iter().find(|row| of(row) == moment)?;
            moment.map(|moment| moment - APART_MS * (newest - first.seq))
        };
        let text = |moment: Option<i64>| moment.map_or("NULL".to_owned(), |moment| moment.to_string());
        for row in &mut *rows {
            row.at -= APART_MS * (newest - row.seq);
            row.since = moved(row.since, |row| row.since);
            row.completed = moved(row.completed, |row| row.completed);
            statements.push(format!(
                "UPDATE task_history SET at = {}, blocked_since = {}, completed_at = {} WHERE task_id = '{id}' AND seq = {}",
                row.at,
                text(row.since),
                text(row.completed),
                row.seq
            ));
        }
        let last = rows[rows.len() - 1];
        statements.push(format!(
            "UPDATE tasks SET created_at = {}, blocked_since = {}, completed_at = {} WHERE id = '{id}'",
            rows[0].at,
            text(last.since),
            text(last.completed)
        ));
    }
    server.execute_text(statements.join(";")).await;
}

/// The state of each present task at a time.
fn then(tasks: &Rows, moment: i64) -> Vec<(TaskId, Row)> {
    let last = |rows: &[Row]| rows.iter().rfind(|row| row.at < moment).copied();
    tasks.iter().filter_map(|(id, rows)| Some((*id, last(rows).filter(|row| row.present)?))).collect()
}

fn check_flow(flow: &Flow, tasks: &Rows) {
    let begin = flow.starts[0].millis();
    let over = flow.starts[flow.starts.len() - 1].millis() + DAY_MS;
    for (number, start) in flow.starts.iter().enumerate() {
        let standing = then(tasks, start.millis() + DAY_MS);
        for band in &flow.bands {
            let in_column = |row: &Row| match band.status_id {
                Some(status) => row.status == status,
                // The cards of deleted columns.
                None => {
                    row.category == band.category && flow.bands.iter().all(|band| band.status_id != Some(row.status))
                }
            };
            let count = standing.iter().filter(|(_, row)| in_column(row)).count();
            assert_eq!(band.counts[number] as usize, count, "{} on {}", band.name, flow.days[number]);
        }
        let all: u32 = flow.bands.iter().map(|band| band.counts[number]).sum();
        assert_eq!(all as usize, standing.len(), "on {}", flow.days[number]);
    }
    let (mut finished, mut doing, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
    for (id, now) in then(tasks, over) {
        let rows: Vec<Row> = tasks[&id].iter().copied().filter(|row| row.at < over).collect();
        let begun = rows.iter().find(|row| row.category == Category::Doing).map(|row| row.at);
        if now.category == Category::Done {
            let open = rows.iter().rposition(|row| row.category != Category::Done);
            let end = rows[open.map_or(0, |open| open + 1)].at;
            if end >= begin {
                let cycle = begun.filter(|begun| *begun < end).map_or(0, |begun| end - begun);
                finished.push((end, id, cycle / 1000, (end - rows[0].at) / 1000));
            }
        }
        if now.category == Category::Doing {
            doing.push((id, now.status, begun));
        }
    }
    for (id, rows) in tasks {
        let mut millis = 0;
        let within: Vec<&Row> = rows.iter().filter(|row| row.at < over).collect();
        for (number, row) in within.iter().enumerate() {
            let until = within.get(number + 1).map_or(over, |next| next.at);
            if row.present && row.since.is_some() && row.category != Category::Done {
                millis += (until - row.at.max(begin)).max(0);
            }
        }
        if millis > 0 {
            blocked.push((*id, millis));
        }
    }
    finished.sort();
    let recorded: Vec<_> = flow
        .finished
        .iter()
        .map(|task| {
            let seconds = |hours: f64| (hours * 3600.0).round() as i64;
            (task.completed_at.millis(), task.id, seconds(task.cycle_hours), seconds(task.lead_hours))
        })
        .collect();
    assert_eq!(recorded, finished);
    let mut recorded: Vec<_> = flow.ageing.iter().map(|task| task.id).collect();
    recorded.sort();
    assert_eq!(recorded, doing.iter().map(|(id, ..)| *id).collect::<Vec<_>>());
    let mut recorded: Vec<_> =
        flow.blocked.iter().map(|task| (task.id, (task.hours * 3600.0).round() as i64)).collect();
    recorded.sort();
    assert_eq!(recorded.len(), blocked.len());
    for ((id, seconds), (expected, millis)) in recorded.into_iter().zip(blocked) {
        assert_eq!(id, expected);
        // Each blocked period is exact to the second.
        assert!((seconds - millis / 1000).abs() <= 2, "{seconds} of {millis}");
    }
}

fn check_report(report: &Report, tasks: &Rows) {
    let count = |week: Day, lists: bool| {
        let (begin, end) = (week.timestamp().millis(), week.plus(7).timestamp().millis());
        let within = |at: i64| begin <= at && at < end;
        let mut found: [Vec<TaskId>; 6] = Default::default();
        for (id, row) in then(tasks, end) {
            let open = row.completed.is_none();
            let due = |from: i64, to: i64| open && row.due.is_some_and(|due| from <= due && due < to);
            for (list, fits) in found.iter_mut().zip([
                row.completed.is_some_and(within),
                row.category == Category::Doing,
                open && row.since.is_some(),
                due(i64::MIN, end),
                due(end, end + 7 * DAY_MS),
                within(tasks[&id][0].at),
            ]) {
                if fits {
                    list.push(id);
                }
            }
        }
        let counts = found.each_ref().map(|list| u32::try_from(list.len()).expect("few"));
        let [completed, in_progress, blocked, overdue, due_next_week, created] = counts;
        let counts = Counts { completed, in_progress, blocked, overdue, due_next_week, created };
        (counts, if lists { found } else { Default::default() })
    };
    let (counts, lists) = count(report.week, true);
    let Report { completed, in_progress, blocked, overdue, due_next_week, created, .. } = report;
    let recorded = [completed, in_progress, blocked, overdue, due_next_week, created].map(|list: &Vec<ReportTask>| {
        let mut ids: Vec<TaskId> = list.iter().map(|task| task.id).collect();
        ids.sort();
        ids
    });
    assert_eq!(recorded, lists, "week of {}", report.week);
    assert_eq!(report.counts, counts);
    assert_eq!(report.before, count(report.week.plus(-7), false).0, "before {}", report.week);
}

on_both_databases! {
    async fn report_and_flow_equal_a_plain_recount(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let seeded = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), seeded);
        for round in 0..6 {
            let acts = prop::collection::vec(act(), 200).new_tree(&mut runner).expect("acts").current();
            let project = ann.project("Board").await;
            play(&ann, project, &acts).await;
            let mut tasks = rows(&server, project).await;
            spread(&server, &mut tasks).await;
            assert!(tasks.values().map(Vec::len).sum::<usize>() > 60, "enough became of them");
            let today = Day::utc(server::clock::now());
            for (from, to) in [(-55, -1), (-12, -1), (-9, -5), (-3, -3), (-20, -10)] {
                let (from, to) = (today.plus(from), today.plus(to));
                let flow: Flow = ann.get(&format!("/api/oversight/flow?project={project}&from={from}&to={to}")).await.json();
                check_flow(&flow, &tasks);
            }
            for weeks in 1..4 {
                let week = today.plus(-7 * weeks);
                let report: Report = ann.get(&format!("/api/oversight/report?project={project}&week={week}")).await.json();
                check_report(&report, &tasks);
            }
            // Nothing of this is invented: the newest rows are the board.
            let board = ann.board(project).await;
            let mut there: Vec<_> = board.tasks.iter().map(|task| (task.id, task.status_id)).collect();
            there.sort();
            let now: Vec<_> = then(&tasks, i64::MAX).iter().map(|(id, row)| (*id, row.status)).collect();
            assert_eq!(there, now, "round {round}");
        }
    }
}
