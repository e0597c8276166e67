//! Weekly reports.

mod part;

use std::collections::{BTreeSet, HashMap};

use axum::body::Bytes;
use engine::{
    Timestamp, User, UserId,
    day::Day,
    oversight::{
        query::ReportQuery,
        report::{Counts, Report},
    },
};

use super::{
    Oversight,
    cache::{CachedShare, Share},
    scope::Scope,
    versioned::{KnownVersions, Versioned},
};
use crate::{
    clock,
    service::{ServiceError, Services, access::project_not_found, field::invalid},
    store::{ReportedTask, Store, Week, Weekly},
};
use part::Part;

/// No board is older: earlier weeks are refused.
const FIRST: Day = Day::from_number(10_957);

/// The weeks that a project's share covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReportWeeks {
    week: Week,
    before: Week,
}

impl Share for Weekly {
    fn bytes(&self) -> usize {
        let texts = |task: &ReportedTask| {
            task.title.len()
                + task.status.as_ref().map_or(0, String::len)
                + task.blocked_reason.as_ref().map_or(0, String::len)
        };
        self.tasks.iter().map(|task| size_of::<ReportedTask>() + texts(task)).sum()
    }
}

/// A report with its scope.
pub(crate) struct Read {
    /// The report.
    pub(crate) report: Report,
    /// The number of projects it covers.
    pub(crate) of_projects: usize,
}

/// The report of a week.
///
/// # Errors
/// `project_not_found`; `invalid` for a week that has not begun.
pub(crate) async fn report(
    services: &Services,
    user: &User,
    query: &ReportQuery,
    known: &KnownVersions,
) -> Result<Versioned<Read>, ServiceError> {
    let parts = Parts::read(&services.store, &services.oversight, user, query, clock::now()).await?;
    if known.has(&parts.version) {
        return Ok(Versioned::Known(parts.version));
    }
    let read = parts.to_read();
    Ok(Versioned::New(parts.version, read))
}

/// The report of a week, as JSON.
///
/// # Errors
/// As [`report`].
pub(crate) async fn json(
    services: &Services,
    user: &User,
    query: &ReportQuery,
    known: &KnownVersions,
) -> Result<Versioned<Bytes>, ServiceError> {
    let parts = Parts::read(&services.store, &services.oversight, user, query, clock::now()).await?;
    if known.has(&parts.version) {
        return Ok(Versioned::Known(parts.version));
    }
    let write = || serde_json::to_vec(&parts.compose());
    let text = services.oversight.answers.get(&parts.version, write)?;
    Ok(Versioned::New(parts.version, text))
}

/// The report of a week at a given time, for a reader without a cached version.
///
/// # Errors
/// As [`report`].
pub(crate) async fn of(
    store: &Store,
    oversight: &Oversight,
    user: &User,
    query: &ReportQuery,
    now: Timestamp,
) -> Result<Read, ServiceError> {
    Ok(Parts::read(store, oversight, user, query, now).await?.to_read())
}

/// The parts that a report is composed of.
struct Parts {
    scope: Scope,
    /// Whether it covers a single project.
    of_one: bool,
    first: Day,
    week: Week,
    /// One per project.
    shares: Vec<CachedShare<Weekly>>,
    names: HashMap<UserId, String>,
    version: String,
}

impl Parts {
    async fn read(
        store: &Store,
        oversight: &Oversight,
        user: &User,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Self, ServiceError> {
        let ReportQuery { project, week } = *query;
        let scope = Scope::read(store, user, project, now).await?;
        let first = week.unwrap_or(scope.today).week(scope.first_weekday);
        if first > scope.today || first < FIRST {
            return Err(invalid("week", "Enter a day of this week or an earlier one.").into());
        }
        let question = ReportWeeks { week: week_of(&scope, first), before: week_of(&scope, first.plus(-7)) };
        let (weeks, reports) = (&question, &oversight.reports);
        let shares = reports
            .get_all(&scope.projects, weeks, |project| {
                Box::pin(async move {
                    let weekly = store.weekly(project, &weeks.week, &weeks.before).await?;
                    let weekly = weekly.ok_or_else(project_not_found)?;
                    Ok::<_, ServiceError>((weekly.at, weekly))
                })
            })
            .await?;
        let tasks = shares.iter().flat_map(|counted| &counted.share.tasks);
        let people: BTreeSet<UserId> = tasks.filter_map(|task| task.assignee).collect();
        let names = store.names(&people.into_iter().collect::<Vec<_>>()).await?;
        let mut named: Vec<_> = names.iter().collect();
        named.sort_unstable();
        let places: Vec<_> = shares.iter().map(|counted| (counted.at.epoch, counted.at.seq)).collect();
        let version = scope.version(&("report", project, first), &(named, places))?;
        Ok(Self { scope, of_one: project.is_some(), first, week: question.week, shares, names, version })
    }

    fn to_read(&self) -> Read {
        Read { report: self.compose(), of_projects: self.shares.len() }
    }

    fn compose(&self) -> Report {
        let Self { scope, of_one, first, week, shares, names, version } = self;
        let one = scope.projects.first().filter(|_| *of_one);
        let mut report = Report {
            week: *first,
            last: first.plus(6),
            today: scope.today,
            project: one.map(|project| project.name.clone()),
            counts: Counts::default(),
            before: Counts::default(),
            completed: Vec::new(),
            in_progress: Vec::new(),
            blocked: Vec::new(),
            overdue: Vec::new(),
            due_next_week: Vec::new(),
            created: Vec::new(),
            version: version.clone(),
        };
        for (project, counted) in scope.projects.iter().zip(shares) {
            report.before.add(&counted.share.before);
            let part = Part { scope, week, project: (project.id, &project.name), names };
            for task in &counted.share.tasks {
                part.add(task, &mut report);
            }
        }
        report.sort();
        report
    }
}

/// A week in the reader's time zone.
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
