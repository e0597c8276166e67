//! Workload: who has how much work, and when.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use engine::{
    Timestamp, User, UserId,
    oversight::{
        Calendar, Capacity, Workload,
        load::{LoadCounter, Periods},
        query::WorkloadQuery,
        workload::{PersonLoad, Unit},
    },
};

use super::{
    Oversight,
    cache::Share,
    scope::Scope,
    versioned::{KnownVersions, Versioned},
};
use crate::{
    service::{
        ServiceError, access,
        field::{self, invalid},
    },
    store::{LoadBuckets, OverseenPerson, Store},
};

/// Most periods per response.
const PERIODS: u32 = 60;
/// Weeks by default.
const WEEKS: u32 = 8;
/// Days by default.
const DAYS: u32 = 28;

/// A project's open tasks in buckets, by assignee.
impl Share for Vec<LoadBuckets> {
    fn bytes(&self) -> usize {
        self.iter().map(|buckets| size_of_val(buckets) + size_of_val(&*buckets.buckets)).sum()
    }
}

/// The load of each member of the reader's projects.
///
/// # Errors
/// `project_not_found`; `invalid` with the field.
pub(crate) async fn get(
    oversight: &Oversight,
    store: &Store,
    user: &User,
    query: &WorkloadQuery,
    known: &KnownVersions,
    now: Timestamp,
) -> Result<Versioned<Workload>, ServiceError> {
    let count = query.count.unwrap_or(match query.unit {
        Unit::Week => WEEKS,
        Unit::Day => DAYS,
    });
    if !(1..=PERIODS).contains(&count) {
        return Err(invalid("count", format!("1 to {PERIODS} periods.")).into());
    }
    let mut scope = Scope::read(store, user, query.project, now).await?;
    let shares = shares(oversight, store, &mut scope).await?;
    let people = people(store, user, &scope, &shares).await?;
    let from = query.from.map_or(Ok(scope.today), |day| field::day("from", day))?;
    let periods = Periods::new(query.unit, from, count as usize, scope.first_weekday);
    let question = ("workload", query.unit, periods.first(), count);
    let parts: Vec<_> = people.iter().map(|person| (person.id, &person.name, &person.capacity)).collect();
    let version = scope.version(&question, &parts)?;
    if known.has(&version) {
        return Ok(Versioned::Known(version));
    }
    let workload = Workload {
        unit: query.unit,
        today: scope.today,
        periods: periods.starts().collect(),
        people: loads(user, &scope, periods, people, &shares),
        version: version.clone(),
    };
    Ok(Versioned::New(version, workload))
}

/// The buckets of each project. Updates the scope to the log positions at which they were computed.
async fn shares(
    oversight: &Oversight,
    store: &Store,
    scope: &mut Scope,
) -> Result<Vec<Arc<Vec<LoadBuckets>>>, ServiceError> {
    let all = oversight.loads.get_all(&scope.projects, &(), |project| Box::pin(store.load(project))).await?;
    for (project, counted) in scope.projects.iter_mut().zip(&all) {
        project.at = counted.at;
    }
    Ok(all.into_iter().map(|counted| counted.share).collect())
}

/// The members of the projects, and other assignees of their tasks.
async fn people(
    store: &Store,
    user: &User,
    scope: &Scope,
    shares: &[Arc<Vec<LoadBuckets>>],
) -> Result<Vec<OverseenPerson>, ServiceError> {
    let projects: Vec<_> = scope.projects.iter().map(|project| project.id).collect();
    let assigned: HashSet<UserId> =
        shares.iter().flat_map(|share| share.iter()).filter_map(|buckets| buckets.user).collect();
    let mut assigned: Vec<_> = assigned.into_iter().collect();
    assigned.sort_unstable();
    let mut people = store.people(user.id, &projects, &assigned).await?;
    // Former members who share no other project with the reader still have cards here, but their working hours are
    // private.
    for person in people.iter_mut().filter(|person| access::check_capacity(user, person.id, person.shared).is_err()) {
        person.capacity = Capacity::default();
    }
    Ok(people)
}

fn loads(
    user: &User,
    scope: &Scope,
    periods: Periods,
    people: Vec<OverseenPerson>,
    shares: &[Arc<Vec<LoadBuckets>>],
) -> Vec<PersonLoad> {
    let mut buckets: HashMap<Option<UserId>, Vec<&LoadBuckets>> = HashMap::new();
    for of_one in shares.iter().flat_map(|share| share.iter()) {
        buckets.entry(of_one.user).or_default().push(of_one);
    }
    let load = |id: Option<UserId>, calendar: &Calendar, name: String, editable: bool| {
        let mut load = LoadCounter::new(calendar, periods, scope.today);
        buckets.get(&id).into_iter().flatten().flat_map(|buckets| &buckets.buckets).for_each(|bucket| load.add(bucket));
        load.of(id, name, editable)
    };
    let mut loads: Vec<PersonLoad> = people
        .into_iter()
        .map(|OverseenPerson { id, name, capacity, .. }| {
            let editable = access::check_capacity_change(user, id).is_ok();
            load(Some(id), &Calendar::new(&capacity), name, editable)
        })
        .collect();
    loads.push(load(None, &Calendar::default(), String::new(), false));
    loads
}
