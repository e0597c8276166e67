//! Flow metrics: how work moves through the columns.

mod bands;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::body::Bytes;
use engine::{
    Category, ProjectId, Status, StatusId, Timestamp, User, UserId,
    day::Day,
    oversight::{
        flow::{
            Ageing, BlockedTime, Finished, Flow, Percentiles, Throughput,
            count::{Blocked, Counted, End, TaskInProgress, count},
        },
        query::FlowQuery,
    },
};

use super::{
    cache::{CachedShare, Share},
    scope::Scope,
    versioned::{KnownVersions, Versioned},
};
use crate::{
    clock,
    service::{
        ServiceError, Services,
        access::project_not_found,
        field::{self, invalid},
    },
    store::{Described, FlowHistory, Store},
};

/// Days by default: eight weeks.
const DAYS: i64 = 56;
/// Most days per response.
const DAYS_MOST: i64 = 366;
const MINUTE_MS: i64 = 60_000;

/// One project's flow, cached while nothing happens there.
pub(super) struct ProjectFlow {
    statuses: Vec<Status>,
    bands: BTreeMap<(StatusId, Category), Vec<u32>>,
    finished: Vec<(End, String)>,
    doing: Vec<(TaskInProgress, Described)>,
    blocked: Vec<(Blocked, String)>,
}

impl Share for ProjectFlow {
    fn bytes(&self) -> usize {
        let bands: usize = self.bands.values().map(|counts| 64 + counts.len() * 4).sum();
        let finished: usize = self.finished.iter().map(|(_, title)| size_of::<(End, String)>() + title.len()).sum();
        let doing: usize =
            self.doing.iter().map(|(_, task)| size_of::<(TaskInProgress, Described)>() + task.title.len()).sum();
        let blocked: usize = self.blocked.iter().map(|(_, title)| size_of::<(Blocked, String)>() + title.len()).sum();
        bands + finished + doing + blocked + self.statuses.len() * size_of::<Status>()
    }
}

/// The flow of a range of days.
///
/// # Errors
/// `project_not_found`; `invalid` with the field.
pub async fn flow(
    services: &Services,
    user: &User,
    query: &FlowQuery,
    known: &KnownVersions,
) -> Result<Versioned<Flow>, ServiceError> {
    of(services, user, query, known, clock::now()).await
}

/// The flow of a range of days, at a given time.
///
/// # Errors
/// As [`flow`].
pub async fn of(
    services: &Services,
    user: &User,
    query: &FlowQuery,
    known: &KnownVersions,
    now: Timestamp,
) -> Result<Versioned<Flow>, ServiceError> {
    let parts = Parts::read(services, user, query, now).await?;
    if known.has(&parts.version) {
        return Ok(Versioned::Known(parts.version));
    }
    let flow = parts.compose();
    Ok(Versioned::New(parts.version, flow))
}

/// The flow of a range of days, as JSON.
///
/// # Errors
/// As [`flow`].
pub(crate) async fn json(
    services: &Services,
    user: &User,
    query: &FlowQuery,
    known: &KnownVersions,
) -> Result<Versioned<Bytes>, ServiceError> {
    let parts = Parts::read(services, user, query, clock::now()).await?;
    if known.has(&parts.version) {
        return Ok(Versioned::Known(parts.version));
    }
    let write = || serde_json::to_vec(&parts.compose());
    let text = services.oversight.answers.get(&parts.version, write)?;
    Ok(Versioned::New(parts.version, text))
}

/// The parts that a flow is composed of.
struct Parts {
    scope: Scope,
    /// Whether it covers a single project.
    of_one: bool,
    days: Vec<Day>,
    /// The beginning of each day, and the end of the last one.
    bounds: Vec<Timestamp>,
    /// One per project.
    shares: Vec<CachedShare<ProjectFlow>>,
    names: HashMap<UserId, String>,
    /// Until when work in progress is counted.
    end: Timestamp,
    version: String,
}

impl Parts {
    async fn read(services: &Services, user: &User, query: &FlowQuery, now: Timestamp) -> Result<Self, ServiceError> {
        let FlowQuery { project, .. } = *query;
        let scope = Scope::read(&services.store, user, project, now).await?;
        let (from, to) = days(query, scope.today)?;
        let days: Vec<Day> = (0..=to.since(from)).map(|day| from.plus(day)).collect();
        let ends = days.iter().copied().chain([to.plus(1)]);
        let bounds: Vec<Timestamp> = ends.map(|day| scope.zone.start(day)).collect();
        let flows = &services.oversight.flows;
        let shares = flows
            .get_all(&scope.projects, &bounds, |project| Box::pin(of_project(&services.store, project, &bounds)))
            .await?;
        let doing = shares.iter().flat_map(|counted| &counted.share.doing);
        let people: BTreeSet<UserId> = doing.filter_map(|(_, task)| task.assignee).collect();
        let names = services.store.names(&people.into_iter().collect::<Vec<_>>()).await?;
        let mut named: Vec<_> = names.iter().collect();
        named.sort_unstable();
        let places: Vec<_> = shares.iter().map(|counted| (counted.at.epoch, counted.at.seq)).collect();
        let end = end(now, &bounds);
        // Work in progress ages; everything else stays.
        let aged = shares.iter().any(|counted| counted.share.has_open_work()).then_some(end.millis());
        let version = scope.version(&("flow", project, from, to), &(named, places, aged))?;
        Ok(Self { scope, of_one: project.is_some(), days, bounds, shares, names, end, version })
    }

    fn compose(&self) -> Flow {
        let Self { scope, days, bounds, shares, names, .. } = self;
        let end = self.end;
        let bands = match &shares[..] {
            [counted] if self.of_one => bands::of_columns(&counted.share, days.len()),
            _ => bands::of_categories(shares.iter().map(|counted| &*counted.share), days.len()),
        };
        let (mut finished, mut ageing, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
        // Dates follow from the requested days rather than from a share: zones with different dates may share the same
        // bounds.
        let day = |at: Timestamp| days[bounds.partition_point(|begin| *begin <= at).saturating_sub(1)];
        for (project, CachedShare { share, .. }) in scope.projects.iter().zip(shares) {
            finished.extend(share.finished.iter().map(|(End { id, made, started, at }, title)| Finished {
                id: *id,
                project_id: project.id,
                title: title.clone(),
                completed_at: *at,
                completed_on: day(*at),
                cycle_hours: started.map_or(0.0, |started| hours(started, *at)),
                lead_hours: hours(*made, *at),
            }));
            for (doing, Described { title, assignee }) in &share.doing {
                let column = share.statuses.iter().find(|status| status.id == doing.status);
                ageing.push(Ageing {
                    id: doing.id,
                    project_id: project.id,
                    title: title.clone(),
                    status: column.map_or_else(|| Category::Doing.name().to_owned(), |status| status.name.clone()),
                    assignee_id: *assignee,
                    assignee: assignee.and_then(|user| names.get(&user).cloned()),
                    hours: hours(doing.since, end),
                    blocked: doing.blocked,
                });
            }
            for (Blocked { id, millis, since }, title) in &share.blocked {
                let (id, project_id, title) = (*id, project.id, title.clone());
                let over = hours(Timestamp::default(), Timestamp::from_millis(*millis));
                let hours = over + since.map_or(0.0, |at| hours(at, end));
                blocked.push(BlockedTime { id, project_id, title, hours, still: since.is_some() });
            }
        }
        finished.sort_by_key(|task| (task.completed_at, task.id));
        ageing.sort_by(|one, other| other.hours.total_cmp(&one.hours).then(one.id.cmp(&other.id)));
        blocked.sort_by(|one, other| other.hours.total_cmp(&one.hours).then(one.id.cmp(&other.id)));
        let (from, to) = (days[0], days[days.len() - 1]);
        Flow {
            today: scope.today,
            bands,
            cycle: Percentiles::of(finished.iter().map(|task| task.cycle_hours).collect()),
            lead: Percentiles::of(finished.iter().map(|task| task.lead_hours).collect()),
            throughput: Throughput::of_weeks(
                from,
                to,
                scope.first_weekday,
                finished.iter().map(|task| task.completed_on),
            ),
            finished,
            ageing,
            blocked,
            version: self.version.clone(),
            days: days.clone(),
            starts: bounds[..days.len()].to_vec(),
        }
    }
}

impl ProjectFlow {
    /// Whether a task is in progress or blocked at the end.
    fn has_open_work(&self) -> bool {
        !self.doing.is_empty() || self.blocked.iter().any(|(blocked, _)| blocked.since.is_some())
    }
}

/// The end of past days; else the current minute, which is as fine as the figures are. So equal versions have equal
/// responses on every node.
fn end(now: Timestamp, bounds: &[Timestamp]) -> Timestamp {
    let minute = Timestamp::from_millis(now.millis().div_euclid(MINUTE_MS) * MINUTE_MS);
    bounds.last().filter(|end| **end <= now).copied().unwrap_or(minute)
}

/// The requested days.
fn days(query: &FlowQuery, today: Day) -> Result<(Day, Day), ServiceError> {
    let to = query.to.unwrap_or(today);
    if to > today {
        return Err(invalid("to", "Enter today or an earlier day.").into());
    }
    field::day("to", to)?;
    let count = query.days.map_or(DAYS, i64::from);
    if !(1..=DAYS_MOST).contains(&count) {
        return Err(invalid("days", format!("1 to {DAYS_MOST} days.")).into());
    }
    let from = query.from.unwrap_or_else(|| to.plus(1 - count));
    if from > to || to.since(from) >= DAYS_MOST {
        return Err(invalid("from", format!("Enter a day at most {DAYS_MOST} days before the end.")).into());
    }
    Ok((from, to))
}

async fn of_project(
    store: &Store,
    project: ProjectId,
    bounds: &[Timestamp],
) -> Result<(engine::room::LogPlace, ProjectFlow), ServiceError> {
    let from = bounds.first().copied().unwrap_or_default();
    let past = store.flow(project, from).await?.ok_or_else(project_not_found)?;
    let FlowHistory { at, statuses, timelines, described, unchanged } = past;
    let Counted { bands, finished, doing, blocked } = count(&timelines, &unchanged, bounds);
    // Every task with a timeline is described.
    let described = |id| described.get(&id).cloned();
    let share = ProjectFlow {
        statuses,
        bands,
        finished: finished.into_iter().filter_map(|end| Some((end, described(end.id)?.title))).collect(),
        doing: doing.into_iter().filter_map(|doing| Some((doing, described(doing.id)?))).collect(),
        blocked: blocked.into_iter().filter_map(|blocked| Some((blocked, described(blocked.id)?.title))).collect(),
    };
    Ok((at, share))
}

/// Hours between two times, to the second. Never negative, although clocks differ.
fn hours(from: Timestamp, to: Timestamp) -> f64 {
    let seconds = (to.millis() - from.millis()).max(0) / 1000;
    f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)) / 3600.0
}
