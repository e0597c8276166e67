use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const COLUMNS: [Category; 4] = [Category::Todo, Category::Doing, Category::Done, Category::Done];

fn status(number: usize) -> StatusId {
    StatusId::new(Uuid::from_u128(number as u128))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn step(millis: i64, column: usize) -> TimelineStep {
    TimelineStep { at: at(millis), status: status(column), category: COLUMNS[column], blocked: false, present: true }
}

fn timeline(number: u128, steps: Vec<TimelineStep>) -> Timeline {
    Timeline { id: TaskId::new(Uuid::from_u128(number)), steps }
}

/// The same counts, computed instant by instant for each task.
fn recount(timelines: &[Timeline], bounds: &[Timestamp]) -> Counted {
    let mut counted = Counted::default();
    let (from, to) = (bounds[0].millis(), bounds[bounds.len() - 1].millis());
    for Timeline { id, steps } in timelines {
        let (mut now, mut next) = (None::<TimelineStep>, 0);
        let (mut made, mut started, mut done, mut millis, mut since) = (None, None, None, 0, None);
        for moment in -20..to {
            while next < steps.len() && steps[next].at.millis() <= moment {
                now = Some(steps[next]);
                next += 1;
                let category = steps[next - 1].category;
                made = made.or(Some(at(moment)));
                if category == Category::Doing {
                    started = started.or(Some(at(moment)));
                }
                done = if category == Category::Done { done.or(Some(at(moment))) } else { None };
            }
            let Some(now) = now else { continue };
            if let Some(day) = bounds[1..].iter().position(|end| end.millis() == moment + 1)
                && now.present
            {
                counted.bands.entry((now.status, now.category)).or_insert_with(|| vec![0; bounds.len() - 1])[day] += 1;
            }
            let lies = now.present && now.blocked && now.category != Category::Done;
            if lies && moment >= from {
                millis += 1;
                since = since.or(Some(at(moment)));
            } else {
                since = None;
            }
        }
        let Some(now) = now else { continue };
        if let Some(began) = since {
            millis -= to - began.millis();
        }
        if millis > 0 || since.is_some() {
            counted.blocked.push(Blocked { id: *id, millis, since });
        }
        if let (true, Some(done), Some(made)) = (now.present, done, made)
            && done.millis() >= from
        {
            let started = started.filter(|started| *started <= done);
            counted.finished.push(End { id: *id, made, started, at: done });
        }
        if let (true, Category::Doing, Some(since)) = (now.present, now.category, started) {
            counted.doing.push(TaskInProgress { id: *id, status: now.status, since, blocked: now.blocked });
        }
    }
    counted.finished.sort_by_key(|end| (end.at, end.id));
    counted
}

/// A task that is moved back and forth, blocked, deleted and restored, with clocks that sometimes go back.
fn any_life() -> impl Strategy<Value = Vec<(i64, u8)>> {
    prop::collection::vec((-3_i64..15, 0_u8..8), 1..12)
}

fn played(number: u128, begin: i64, acts: &[(i64, u8)]) -> Timeline {
    let mut steps = vec![step(begin, acts.len() % 3)];
    for (wait, act) in acts {
        let mut next = steps[steps.len() - 1];
        next.at = next.at.plus(*wait);
        match act {
            0..=3 if next.present => {
                let column = usize::from(*act);
                (next.status, next.category) = (status(column), COLUMNS[column]);
            }
            4 | 5 => next.blocked = !next.blocked,
            _ => next.present = !next.present,
        }
        steps.push(next);
    }
    timeline(number, steps)
}

proptest! {
    #[test]
    fn it_equals_a_recount_instant_by_instant(
        timelines in prop::collection::vec((-10_i64..60, any_life()), 0..6),
        first in -5_i64..30,
        lengths in prop::collection::vec(1_i64..20, 1..5),
    ) {
        let timelines: Vec<Timeline> = timelines.iter().zip(1..).map(|((begin, acts), id)| played(id, *begin, acts)).collect();
        let bounds: Vec<Timestamp> = [0].iter().chain(&lengths).scan(first, |end, length| {
            *end += length;
            Some(at(*end))
        }).collect();
        // A step of a clock that went back counts as simultaneous with the one before it.
        let clamped: Vec<Timeline> = timelines.iter().map(|one| Timeline { id: one.id, steps: in_order(&one.steps, at(i64::MAX)) }).collect();
        let mut counted = count(&timelines, &[], &bounds);
        counted.bands.retain(|_, counts| counts.iter().any(|count| *count > 0));
        prop_assert_eq!(counted, recount(&clamped, &bounds));
    }

    /// Unchanged tasks may be counted by column.
    #[test]
    fn unchanged_tasks_need_no_timeline(
        timelines in prop::collection::vec((0_i64..40, any_life()), 0..6), still in 0_u32..5,
    ) {
        let timelines: Vec<Timeline> = timelines.iter().zip(1..).map(|((begin, acts), id)| played(id, *begin, acts)).collect();
        let bounds = [10, 20, 30].map(at);
        let standing = (0..still).map(|number| timeline(100 + u128::from(number), vec![step(5, 0)]));
        let all: Vec<Timeline> = timelines.iter().cloned().chain(standing).collect();
        let column = UnchangedCount { status: status(0), category: Category::Todo, tasks: still };
        let mut counted = count(&timelines, &[column], &bounds);
        counted.bands.retain(|_, counts| counts.iter().any(|count| *count > 0));
        let mut whole = count(&all, &[], &bounds);
        whole.bands.retain(|_, counts| counts.iter().any(|count| *count > 0));
        prop_assert_eq!(counted, whole);
    }
}

#[test]
fn a_reopened_task_counts_as_finished_the_last_time() {
    let steps = vec![step(0, 0), step(10, 1), step(20, 2), step(25, 1), step(40, 2), step(45, 3)];
    let back_and_forth = timeline(1, steps);
    let bounds = [0, 30, 60].map(at);
    let counted = count([&back_and_forth], &[], &bounds);
    assert_eq!(counted.finished, [End { id: back_and_forth.id, made: at(0), started: Some(at(10)), at: at(40) }]);
    assert_eq!(counted.bands[&(status(1), Category::Doing)], [1, 0]);
    assert_eq!(counted.bands[&(status(3), Category::Done)], [0, 1]);
    // At the end of the first day it was being worked on.
    let first = count([&back_and_forth], &[], &bounds[..2]);
    assert_eq!(
        first.doing,
        [TaskInProgress { id: back_and_forth.id, status: status(1), since: at(10), blocked: false }]
    );
    assert!(first.finished.is_empty());
}

#[test]
fn a_deleted_task_is_not_counted_until_it_is_restored() {
    let gone = TimelineStep { present: false, ..step(15, 2) };
    let task = timeline(1, vec![step(0, 1), step(10, 2), gone, step(35, 2)]);
    let counted = count([&task], &[], &[0, 12, 30, 50].map(at));
    assert_eq!(counted.bands[&(status(2), Category::Done)], [1, 0, 1]);
    assert_eq!(counted.finished[0].at, at(10), "it was finished then, and not when it came back");
    assert!(count([&task], &[], &[0, 12, 30].map(at)).finished.is_empty());
}

#[test]
fn blocked_time_is_counted_within_the_days_and_while_it_is_open() {
    let blocked = |millis, column| TimelineStep { blocked: true, ..step(millis, column) };
    let task = timeline(1, vec![step(0, 0), blocked(5, 0), blocked(12, 1), step(18, 1), blocked(25, 1)]);
    let counted = count([&task], &[], &[10, 30].map(at));
    assert_eq!(counted.blocked, [Blocked { id: task.id, millis: 8, since: Some(at(25)) }]);
    let finished = timeline(2, vec![blocked(0, 1), blocked(15, 2)]);
    let counted = count([&finished], &[], &[10, 30].map(at));
    assert_eq!(counted.blocked, [Blocked { id: finished.id, millis: 5, since: None }]);
}
