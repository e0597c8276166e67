//! The tasks behind a workload figure.

use engine::{
    Timestamp, User,
    day::Day,
    limit::PAGE,
    oversight::{
        Calendar, load,
        query::TasksQuery,
        workload::{LoadTasks, TaskFilterKind},
    },
};

use super::scope::Scope;
use crate::{
    service::{
        ServiceError,
        access::{self, Right},
        field::{self, invalid},
    },
    store::{After, Store, TaskFilter},
};

/// Most days of a period: the longest that a workload shows.
const DAYS: i64 = 60 * 7;

/// A page of open tasks of one person, or of unassigned ones, by date.
///
/// # Errors
/// `project_not_found`; `invalid` with the field.
pub(crate) async fn get(
    store: &Store,
    user: &User,
    query: &TasksQuery,
    now: Timestamp,
) -> Result<LoadTasks, ServiceError> {
    let mut after = query.after.as_deref().map(read).transpose()?;
    let scope = Scope::read(store, user, query.project, now).await?;
    let projects: Vec<_> = scope.projects.iter().map(|project| project.id).collect();
    let behind = match query.which {
        TaskFilterKind::Period => within(query)?,
        TaskFilterKind::Open => TaskFilter::Open,
        TaskFilterKind::Overdue => TaskFilter::DueBefore(scope.today),
        TaskFilterKind::Blocked => TaskFilter::Blocked,
        TaskFilterKind::Undated => TaskFilter::Undated,
    };
    let calendar = match (behind, query.user.0) {
        (TaskFilter::Within(..), Some(whose)) => store.person(user.id, whose).await?.map(|person| person.capacity),
        _ => None,
    };
    let calendar = calendar.as_ref().map(Calendar::new).unwrap_or_default();

    let mut page = LoadTasks::default();
    loop {
        let (read, end) = store.load_tasks(user.id, &projects, query.user.0, behind, after, PAGE + 1).await?;
        for (place, role, mut task) in read {
            if page.tasks.len() == PAGE {
                page.next = after.map(written);
                return Ok(page);
            }
            after = Some(place);
            if let TaskFilter::Within(from, to) = behind {
                // Overdue work belongs to no period.
                if load::is_overdue(task.due_at.map(Day::utc), scope.today) {
                    continue;
                }
                let span = load::span(task.start_at.map(Day::utc), task.due_at.map(Day::utc));
                // Its dates overlap the period, but perhaps none of the assignee's working days.
                let Some(part) = span.and_then(|span| load::part(&calendar, span, from, to)) else { continue };
                task.hours *= part;
            }
            task.editable = access::check(Some(role), Right::EditTasks).is_ok();
            page.tasks.push(task);
        }
        if end.is_none() {
            return Ok(page);
        }
        after = end;
    }
}

fn within(query: &TasksQuery) -> Result<TaskFilter, ServiceError> {
    let from = query.from.ok_or_else(|| invalid("from", "Enter the first day of the period."))?;
    let to = query.to.ok_or_else(|| invalid("to", "Enter the last day of the period."))?;
    if !(0..DAYS).contains(&to.since(from)) {
        return Err(invalid("to", format!("1 to {DAYS} days from the first one on.")).into());
    }
    field::day("from", from).and_then(|_| field::day("to", to))?;
    Ok(TaskFilter::Within(from, to))
}

fn written(after: After) -> String {
    format!("{}.{}", after.date, after.task)
}

fn read(text: &str) -> Result<After, ServiceError> {
    let place = text
        .split_once('.')
        .and_then(|(date, task)| Some(After { date: date.parse().ok()?, task: task.parse().ok()? }));
    Ok(place.ok_or_else(|| invalid("after", "Send the `next` of a previous page."))?)
}
