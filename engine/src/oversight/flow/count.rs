//! Computes flow metrics from task history.

use std::collections::BTreeMap;

use crate::{Category, StatusId, TaskId, Timestamp};

/// The state of a task from a time on, until its next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineStep {
    /// Since when. A step with an earlier time than the one before it counts as simultaneous: clocks differ.
    pub at: Timestamp,
    /// The column.
    pub status: StatusId,
    /// The category of that column at the time.
    pub category: Category,
    /// Whether it was blocked.
    pub blocked: bool,
    /// Whether it was on the board.
    pub present: bool,
}

/// The history of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Its id.
    pub id: TaskId,
    /// Its steps, in order; the first one created it.
    pub steps: Vec<TimelineStep>,
}

/// Number of tasks of one column that did not change, neither `doing` nor blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnchangedCount {
    /// The column.
    pub status: StatusId,
    /// Its category.
    pub category: Category,
    /// How many.
    pub tasks: u32,
}

/// The result. It depends on no clock: states that last beyond the end are open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Number of tasks in each column, by its category at the time, at the end of each day.
    pub bands: BTreeMap<(StatusId, Category), Vec<u32>>,
    /// Tasks that were finished within these days and still are at their end, by time.
    pub finished: Vec<End>,
    /// Tasks that are being worked on at the end.
    pub doing: Vec<TaskInProgress>,
    /// Open tasks that were blocked for a time.
    pub blocked: Vec<Blocked>,
}

/// A task that was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Its id.
    pub id: TaskId,
    /// When it was created.
    pub made: Timestamp,
    /// When it first entered `doing`, if it ever did.
    pub started: Option<Timestamp>,
    /// When it was finished.
    pub at: Timestamp,
}

/// A task that is being worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskInProgress {
    /// Its id.
    pub id: TaskId,
    /// The column.
    pub status: StatusId,
    /// When it first entered `doing`.
    pub since: Timestamp,
    /// Whether it is blocked.
    pub blocked: bool,
}

/// A task that was blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its id.
    pub id: TaskId,
    /// For how long, in milliseconds, without a block that lasts beyond the end.
    pub millis: i64,
    /// Since when it is blocked at the end, within these days.
    pub since: Option<Timestamp>,
}

/// Counts over days delimited by `bounds`, which has one more than there are days. Of the tasks in `unchanged`, only
/// their number is known.
pub fn count<'a>(
    timelines: impl IntoIterator<Item = &'a Timeline>,
    unchanged: &[UnchangedCount],
    bounds: &[Timestamp],
) -> Counted {
    let mut counted = Counted::default();
    let Some((&from, ends)) = bounds.split_first() else { return counted };
    let Some(&to) = ends.last() else { return counted };
    // Differences from day to day, summed up below.
    let mut bands: BTreeMap<(StatusId, Category), Vec<i64>> = BTreeMap::new();
    let mut add = |status, category, days: std::ops::Range<usize>, tasks: i64| {
        let band = bands.entry((status, category)).or_insert_with(|| vec![0; ends.len() + 1]);
        band[days.start] += tasks;
        band[days.end] -= tasks;
    };
    for group in unchanged {
        add(group.status, group.category, 0..ends.len(), i64::from(group.tasks));
    }
    for timeline in timelines {
        let steps = in_order(&timeline.steps, to);
        for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.present) {
            let until = steps.get(index + 1).map(|next| next.at);
            // The end of a day belongs to the next one.
            let day = |at: Timestamp| ends.partition_point(|end| *end <= at);
            let (first, last) = (day(step.at), until.map_or(ends.len(), day));
            if first < last {
                add(step.status, step.category, first..last, 1);
            }
        }
        counted.finished.extend(end(timeline.id, &steps).filter(|end| end.at >= from));
        counted.doing.extend(doing(timeline.id, &steps));
        counted.blocked.extend(blocked(timeline.id, &steps, from));
    }
    let sums = |differences: Vec<i64>| {
        let sum = |sum: &mut i64, difference: i64| {
            *sum += difference;
            Some(u32::try_from(*sum).unwrap_or(0))
        };
        differences.into_iter().take(ends.len()).scan(0, sum).collect()
    };
    counted.bands = bands.into_iter().map(|(band, differences)| (band, sums(differences))).collect();
    counted.finished.sort_by_key(|end| (end.at, end.id));
    counted
}

/// The steps before a time, none earlier than the one before it.
fn in_order(steps: &[TimelineStep], to: Timestamp) -> Vec<TimelineStep> {
    let clamp = |latest: &mut Timestamp, step: &TimelineStep| {
        *latest = (*latest).max(step.at);
        Some(TimelineStep { at: *latest, ..*step })
    };
    steps.iter().scan(Timestamp::from_millis(i64::MIN), clamp).take_while(|step| step.at < to).collect()
}

fn started(steps: &[TimelineStep]) -> Option<Timestamp> {
    steps.iter().find(|step| step.category == Category::Doing).map(|step| step.at)
}

/// A finished task stays finished from column to column, and off the board.
fn end(id: TaskId, steps: &[TimelineStep]) -> Option<End> {
    let open = steps.iter().rposition(|step| step.category != Category::Done).map_or(0, |open| open + 1);
    let at = steps.get(open)?.at;
    steps.last()?.present.then_some(End { id, made: steps.first()?.at, started: started(&steps[..open]), at })
}

fn doing(id: TaskId, steps: &[TimelineStep]) -> Option<TaskInProgress> {
    let last = steps.last().filter(|step| step.present && step.category == Category::Doing)?;
    Some(TaskInProgress { id, status: last.status, since: started(steps)?, blocked: last.blocked })
}

fn blocked(id: TaskId, steps: &[TimelineStep], from: Timestamp) -> Option<Blocked> {
    let (mut millis, mut since) = (0, None);
    let passing = |index: usize| steps.get(index + 1).is_some_and(|next| next.at == steps[index].at);
    for (_, step) in steps.iter().enumerate().filter(|(index, _)| !passing(*index)) {
        let at = step.at.max(from);
        let lies = step.present && step.blocked && step.category != Category::Done;
        match since {
            None if lies => since = Some(at),
            Some(began) if !lies => {
                millis += at.millis() - began.millis();
                since = None;
            }
            _ => {}
        }
    }
    (millis > 0 || since.is_some()).then_some(Blocked { id, millis, since })
}

#[cfg(test)]
mod tests;
