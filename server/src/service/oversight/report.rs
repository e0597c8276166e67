//! What a week brought.

use std::collections::{BTreeSet, HashMap};

use engine::{
    Category, ProjectId, Timestamp, User, UserId,
    day::Day,
    oversight::{
        query::ReportQuery,
        report::{Counts, Report, ReportTask},
    },
};

use super::{Oversight, cache::Share, scope::Scope};
use crate::{
    clock,
    service::{Stop, access::project_not_found, field::invalid, zone::Zone},
    state::AppState,
    store::{Standing, Store, Week, Weekly},
};

/// Before this nobody had a board here: no week is looked for.
const FIRST: Day = Day::from_number(10_957);

/// One project's week: what one share answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    week: Week,
    before: Week,
}

impl Share for Weekly {
    fn bytes(&self) -> usize {
        let texts = |task: &Standing| {
            task.title.len()
                + task.status.as_ref().map_or(0, String::len)
                + task.blocked_reason.as_ref().map_or(0, String::len)
        };
        self.tasks.iter().map(|task| size_of::<Standing>() + texts(task)).sum()
    }
}

/// A report, and the reader's own clock.
pub(crate) struct Read {
    /// The report.
    pub(crate) report: Report,
    /// Where its reader is.
    pub(crate) zone: Zone,
    /// Of how many projects it is.
    pub(crate) of_projects: usize,
}

/// The report of a week; `None` when it is as its reader has seen it.
///
/// # Errors
/// `project_not_found`; `invalid` for a week that has not begun.
pub(crate) async fn report(state: &AppState, user: &User, query: &ReportQuery) -> Result<Option<Read>, Stop> {
    of(&state.store, &state.oversight, user, query, clock::now()).await
}

/// The same at a moment.
pub(crate) async fn of(
    store: &Store,
    oversight: &Oversight,
    user: &User,
    query: &ReportQuery,
    now: Timestamp,
) -> Result<Option<Read>, Stop> {
    let ReportQuery { project, week, ref seen } = *query;
    let scope = Scope::read(store, user, project, now).await?;
    let first = week.unwrap_or(scope.today).week(scope.first_weekday);
    if first > scope.today || first < FIRST {
        return Err(invalid("week", "A week that has begun, by the date of one of its days.").into());
    }
    let question = Question { week: week_of(&scope, first), before: week_of(&scope, first.plus(-7)) };
    let mut shares = Vec::with_capacity(scope.projects.len());
    for project in &scope.projects {
        let count = async || {
            let weekly = store.weekly(project.id, &question.week, &question.before).await?;
            let weekly = weekly.ok_or_else(project_not_found)?;
            Ok::<_, Stop>((weekly.at, weekly))
        };
        shares.push((project, oversight.reports.get(project.id, question, project.at, count).await?));
    }
    let people: BTreeSet<UserId> =
        shares.iter().flat_map(|(_, counted)| &counted.share.tasks).filter_map(|task| task.assignee).collect();
    let names = store.names(&people.into_iter().collect::<Vec<_>>()).await?;
    let mut named: Vec<_> = names.iter().collect();
    named.sort_unstable();
    let places: Vec<_> = shares.iter().map(|(_, counted)| (counted.at.epoch, counted.at.seq)).collect();
    let version = scope.version(&("report", project, first), &(named, places))?;
    if seen.as_ref() == Some(&version) {
        return Ok(None);
    }
    let mut report = Report {
        week: first,
        last: first.plus(6),
        today: scope.today,
        project: project.and_then(|_| scope.projects.first().map(|project| project.name.clone())),
        counts: Counts::default(),
        before: Counts::default(),
        completed: Vec::new(),
        in_progress: Vec::new(),
        blocked: Vec::new(),
        overdue: Vec::new(),
        due_next_week: Vec::new(),
        created: Vec::new(),
        version,
    };
    for (project, counted) in &shares {
        report.before.add(&counted.share.before);
        let part = Part { scope: &scope, week: &question.week, project: (project.id, &project.name), names: &names };
        for task in &counted.share.tasks {
            part.add(task, &mut report);
        }
    }
    report.sort();
    Ok(Some(Read { report, zone: scope.zone, of_projects: scope.projects.len() }))
}

/// A week in the reader's zone.
fn week_of(scope: &Scope, first: Day) -> Week {
    let next = first.plus(7);
    let lasts = scope.today < next;
    Week {
        from: scope.zone.start(first),
        to: (!lasts).then(|| scope.zone.start(next)),
        overdue: scope.today.min(next).timestamp(),
        due_from: next.timestamp(),
        due_to: next.plus(7).timestamp(),
    }
}

/// One project's part of a report.
struct Part<'a> {
    scope: &'a Scope,
    week: &'a Week,
    project: (ProjectId, &'a str),
    names: &'a HashMap<UserId, String>,
}

impl Part<'_> {
    /// Puts a task into each of its categories.
    fn add(&self, task: &Standing, report: &mut Report) {
        let within = |at: Timestamp| at >= self.week.from && self.week.to.is_none_or(|to| at < to);
        let open = task.completed_at.is_none();
        if task.completed_at.is_some_and(within) {
            report.completed.push(ReportTask { completed_at: task.completed_at, ..self.plain(task) });
        }
        if task.category == Category::Doing {
            report.in_progress.push(ReportTask { due_at: task.due_at, ..self.plain(task) });
        }
        if open && task.blocked_reason.is_some() {
            let end = Day::utc(self.week.overdue);
            let days = |since| u32::try_from(end.since(self.scope.zone.day(since))).unwrap_or(0);
            report.blocked.push(ReportTask {
                blocked_reason: task.blocked_reason.clone(),
                blocked_since: task.blocked_since,
                days_blocked: task.blocked_since.map(days),
                ..self.plain(task)
            });
        }
        if let (true, Some(due_at)) = (open, task.due_at) {
            if due_at < self.week.overdue {
                let days = Day::utc(self.week.overdue).since(Day::utc(due_at));
                let days_overdue = Some(u32::try_from(days).unwrap_or(u32::MAX));
                report.overdue.push(ReportTask { due_at: Some(due_at), days_overdue, ..self.plain(task) });
            }
            if due_at >= self.week.due_from && due_at < self.week.due_to {
                report.due_next_week.push(ReportTask { due_at: Some(due_at), ..self.plain(task) });
            }
        }
        if within(task.created_at) {
            report.created.push(self.plain(task));
        }
    }

    fn plain(&self, task: &Standing) -> ReportTask {
        let (project_id, project) = self.project;
        ReportTask {
            id: task.id,
            project_id,
            project: project.to_owned(),
            title: task.title.clone(),
            status: task.status.clone().unwrap_or_else(|| task.category.name().to_owned()),
            assignee_id: task.assignee,
            assignee: task.assignee.and_then(|user| self.names.get(&user).cloned()),
            created_at: task.created_at,
            due_at: None,
            completed_at: None,
            blocked_reason: None,
            blocked_since: None,
            days_blocked: None,
            days_overdue: None,
        }
    }
}
