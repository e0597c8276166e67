//! Moving a task: the ops for the server, and the figures until it has answered. Pure.

use engine::{
    Day, Op, TaskPatch, UserId,
    oversight::{
        load::is_overdue,
        workload::{LoadCell, LoadTask, PersonLoad, Unit, Workload},
    },
};

/// Days of a week.
const WEEK: i64 = 7;
/// A day before any period.
const BEFORE_ALL: Day = Day::from_number(0);
/// Friday, as [`Day::weekday`] counts: a week's last day of work in most places.
const FRIDAY: usize = 4;

/// When a moved task is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// As before.
    Same,
    /// In the period that begins with this day.
    In(Day),
    /// Without dates.
    Undated,
}

/// Where a task is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The assignee.
    pub(super) user: Option<UserId>,
    /// The period.
    pub(super) when: When,
}

/// The periods of a workload, without its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) unit: Unit,
    pub(super) today: Day,
    pub(super) periods: Vec<Day>,
}

impl Grid {
    pub(super) fn of(load: &Workload) -> Self {
        Self { unit: load.unit, today: load.today, periods: load.periods.clone() }
    }

    const fn length(&self) -> i64 {
        match self.unit {
            Unit::Day => 1,
            Unit::Week => WEEK,
        }
    }

    /// The last day of the period that begins with `first`.
    pub(super) const fn last(&self, first: Day) -> Day {
        first.plus(self.length() - 1)
    }

    /// The first day of the period that contains `day`, also outside those that are shown.
    pub(super) fn period(&self, day: Day) -> Day {
        let origin = self.periods.first().copied().unwrap_or(day);
        day.plus(-day.since(origin).rem_euclid(self.length()))
    }

    /// The due date of a task without one in a period: its Friday, or its last day when that is past.
    fn deadline(&self, first: Day) -> Day {
        let friday = (0..self.length()).map(|days| first.plus(days)).find(|day| day.weekday() == FRIDAY);
        friday.filter(|day| *day >= self.today).unwrap_or_else(|| self.last(first))
    }
}

/// The first and the last day of a task.
pub(super) fn dates(task: &LoadTask) -> (Option<Day>, Option<Day>) {
    (task.start_at.map(Day::utc), task.due_at.map(Day::utc))
}

/// The dates of a task that is moved from the period `from` to the one that begins with `to`. It keeps its length and
/// its days of the week, unless it would be overdue at once.
pub(super) fn moved(task: &LoadTask, from: Option<Day>, to: Day, grid: &Grid) -> (Option<Day>, Option<Day>) {
    let (start, due) = dates(task);
    let Some(anchor) = from.or_else(|| due.or(start).map(|day| grid.period(day))) else {
        return (None, Some(grid.deadline(to)));
    };
    let by = to.since(anchor);
    let (start, mut due) = (start.map(|day| day.plus(by)), due.map(|day| day.plus(by)));
    if due.is_some_and(|due| due < grid.today) && grid.last(to) >= grid.today {
        due = Some(grid.deadline(to));
    }
    (start, due)
}

/// The ops that move a task. None when it is there already.
pub(super) fn ops(task: &LoadTask, from: Option<Day>, to: Target, grid: &Grid) -> Vec<Op> {
    let mut ops = Vec::new();
    if to.user != task.assignee_id {
        ops.push(Op::AssignTask { task_id: task.id, assignee_id: to.user });
    }
    let (start, due) = match to.when {
        When::Same => dates(task),
        When::In(period) => moved(task, from, period, grid),
        When::Undated => (None, None),
    };
    ops.extend(redate(task, start, due));
    ops
}

/// The op that changes a task's dates.
fn redate(task: &LoadTask, start: Option<Day>, due: Option<Day>) -> Option<Op> {
    let (was_start, was_due) = dates(task);
    let patch = TaskPatch {
        start_at: (start != was_start).then(|| start.map(Day::timestamp)),
        due_at: (due != was_due).then(|| due.map(Day::timestamp)),
        ..TaskPatch::default()
    };
    (patch != TaskPatch::default()).then_some(Op::UpdateTask { task_id: task.id, patch })
}

/// What is asked to put a task back where it was.
pub(super) fn reverse(task: &LoadTask, ops: &[Op]) -> Vec<Op> {
    let back = |op: &Op| match op {
        Op::AssignTask { task_id, .. } => Some(Op::AssignTask { task_id: *task_id, assignee_id: task.assignee_id }),
        Op::UpdateTask { task_id, patch } => {
            let patch = TaskPatch {
                start_at: patch.start_at.map(|_| task.start_at),
                due_at: patch.due_at.map(|_| task.due_at),
                ..TaskPatch::default()
            };
            Some(Op::UpdateTask { task_id: *task_id, patch })
        }
        _ => None,
    };
    ops.iter().filter_map(back).collect()
}

/// The period that a task is in.
pub(super) fn current_period(task: &LoadTask, from: Option<Day>, grid: &Grid) -> When {
    let (start, due) = dates(task);
    from.or_else(|| due.or(start).map(|day| grid.period(day))).map_or(When::Undated, When::In)
}

/// The task after some ops.
pub(super) fn after(task: &LoadTask, ops: &[Op]) -> LoadTask {
    let mut task = task.clone();
    for op in ops {
        match op {
            Op::AssignTask { assignee_id, .. } => task.assignee_id = *assignee_id,
            Op::UpdateTask { patch, .. } => {
                task.start_at = patch.start_at.unwrap_or(task.start_at);
                task.due_at = patch.due_at.unwrap_or(task.due_at);
            }
            _ => {}
        }
    }
    task
}

/// Applies a move to the figures, before the server has counted again: all of the task's hours move at once.
pub(super) fn apply_move(load: &mut Workload, task: &LoadTask, from: Option<Day>, to: Target) {
    let grid = Grid::of(load);
    let hours = if task.hours > 0.0 { task.hours } else { task.estimate_hours.unwrap_or_default() };
    let unestimated = u32::from(task.estimate_hours.is_none());
    let (start, due) = dates(task);
    // Overdue work is in no period, whatever its dates.
    let overdue = is_overdue(due, grid.today);
    let dated = || due.or(start).map(|day| if overdue { BEFORE_ALL } else { grid.period(day) });
    let place = from.filter(|_| !overdue).or_else(dated);
    if let Some(cell) = person(load, task.assignee_id).and_then(|person| cell(person, &grid, place)) {
        cell.hours = (cell.hours - hours).max(0.0);
        cell.ahead = (cell.ahead - hours).max(0.0);
        cell.tasks = cell.tasks.saturating_sub(1);
        cell.unestimated = cell.unestimated.saturating_sub(unestimated);
    }
    let place = match to.when {
        When::Same => place,
        When::In(period) => Some(period),
        When::Undated => None,
    };
    if let Some(cell) = person(load, to.user).and_then(|person| cell(person, &grid, place)) {
        cell.hours += hours;
        cell.ahead += hours;
        cell.tasks += 1;
        cell.unestimated += unestimated;
    }
    if to.user != task.assignee_id {
        let blocked = u32::from(task.blocked_reason.is_some());
        if let Some(person) = person(load, task.assignee_id) {
            person.open = person.open.saturating_sub(1);
            person.blocked = person.blocked.saturating_sub(blocked);
        }
        if let Some(person) = person(load, to.user) {
            person.open += 1;
            person.blocked += blocked;
        }
    }
}

fn person(load: &mut Workload, user: Option<UserId>) -> Option<&mut PersonLoad> {
    load.people.iter_mut().find(|person| person.user_id == user)
}

/// The cell of a period; without one, the cell of undated tasks.
fn cell<'a>(person: &'a mut PersonLoad, grid: &Grid, period: Option<Day>) -> Option<&'a mut LoadCell> {
    let Some(period) = period else { return Some(&mut person.undated) };
    let first = *grid.periods.first()?;
    match grid.periods.iter().position(|other| *other == period) {
        Some(index) => person.cells.get_mut(index),
        None if period < first => Some(&mut person.late),
        None => Some(&mut person.later),
    }
}

#[cfg(test)]
mod tests;
