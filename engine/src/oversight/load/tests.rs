use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::oversight::{Capacity, DaysOff, capacity::arbitrary};

/// An open task, as the plain recount sees it.
#[derive(Clone, Debug)]
struct Open {
    start: Option<Day>,
    due: Option<Day>,
    hours: Option<f64>,
    blocked: bool,
}

fn day(number: i64) -> Day {
    Day::from_number(20_000 + number)
}

fn open() -> impl Strategy<Value = Open> {
    let date = || option::weighted(0.8, (-60_i64..120).prop_map(day));
    let task = (date(), date(), option::weighted(0.7, 0.25..100.0_f64), any::<bool>());
    task.prop_map(|(start, due, hours, blocked)| Open { start, due, hours, blocked })
}

fn bucket(task: &Open) -> LoadBucket {
    LoadBucket {
        start: task.start,
        due: task.due,
        tasks: 1,
        unestimated: u32::from(task.hours.is_none()),
        blocked: u32::from(task.blocked),
        hours: task.hours.unwrap_or_default(),
    }
}

/// Groups tasks with the same dates into buckets.
fn buckets(tasks: &[Open]) -> Vec<LoadBucket> {
    let mut buckets: Vec<LoadBucket> = Vec::new();
    for one in tasks.iter().map(bucket) {
        match buckets.iter_mut().find(|bucket| (bucket.start, bucket.due) == (one.start, one.due)) {
            Some(bucket) => {
                bucket.tasks += one.tasks;
                bucket.unestimated += one.unestimated;
                bucket.blocked += one.blocked;
                bucket.hours += one.hours;
            }
            None => buckets.push(one),
        }
    }
    buckets
}

/// The days that a task's work falls on, one after the other.
fn days(task: &Open, capacity: &Capacity) -> Vec<Day> {
    let (Some(a), Some(b)) = (task.start.or(task.due), task.due.or(task.start)) else { return Vec::new() };
    let all: Vec<Day> = (a.min(b).number()..=a.max(b).number()).map(Day::from_number).collect();
    let worked: Vec<Day> = all.iter().copied().filter(|day| capacity.on(*day) > 0.0).collect();
    if worked.is_empty() || all.len() == 1 { all } else { worked }
}

/// A cell from the days and tasks in it, one by one.
fn cell(tasks: &[Open], capacity: &Capacity, from: Day, to: Day, today: Day) -> LoadCell {
    let mut cell = LoadCell::default();
    for task in tasks.iter().filter(|task| !is_overdue(task.due, today)) {
        let all = days(task, capacity);
        let within = all.iter().filter(|day| from <= **day && **day < to).count();
        if within > 0 {
            cell.hours += task.hours.unwrap_or_default() / all.len() as f64 * within as f64;
            let ahead = all.iter().filter(|day| from.max(today) <= **day && **day < to).count();
            cell.ahead += task.hours.unwrap_or_default() / all.len() as f64 * ahead as f64;
            cell.tasks += 1;
            cell.unestimated += u32::from(task.hours.is_none());
        }
    }
    cell.capacity = (from.number()..to.number()).map(|day| capacity.on(Day::from_number(day))).sum();
    cell.left = (from.max(today).number()..to.number()).map(|day| capacity.on(Day::from_number(day))).sum();
    cell
}

/// A cell of whole tasks.
fn whole<'a>(tasks: impl Iterator<Item = &'a Open>) -> LoadCell {
    let mut cell = LoadCell::default();
    tasks.for_each(|task| cell.add(&bucket(task), 1.0));
    cell
}

#[track_caller]
fn same(counted: &LoadCell, recounted: &LoadCell) {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(
        near(counted.hours, recounted.hours)
            && near(counted.capacity, recounted.capacity)
            && near(counted.ahead, recounted.ahead)
            && near(counted.left, recounted.left),
        "{counted:?} {recounted:?}"
    );
    assert_eq!((counted.tasks, counted.unestimated), (recounted.tasks, recounted.unestimated));
}

proptest! {
    #[test]
    fn it_equals_a_plain_recount(
        tasks in vec(open(), 0..60), capacity in arbitrary::capacity(), weeks in any::<bool>(), from in -40_i64..40,
        count in 1_usize..30, today in -30_i64..30, first_weekday in arbitrary::first_weekday(),
    ) {
        let unit = if weeks { Unit::Week } else { Unit::Day };
        let (periods, today) = (Periods::new(unit, day(from), count, first_weekday), day(today));
        let calendar = Calendar::new(&capacity);
        let mut load = LoadCounter::new(&calendar, periods, today);
        buckets(&tasks).iter().for_each(|bucket| load.add(bucket));
        let load = load.of(None, String::new(), false);

        let starts: Vec<Day> = periods.starts().collect();
        let length = if weeks { 7 } else { 1 };
        prop_assert!(starts[0] <= day(from) && day(from).since(starts[0]) < length);
        let ends = starts.iter().skip(1).copied().chain([periods.end()]);
        for ((start, end), counted) in starts.iter().zip(ends).zip(&load.cells) {
            same(counted, &cell(&tasks, &capacity, *start, end, today));
        }
        let last = |task: &Open| task.start.max(task.due);
        let first = |task: &Open| [task.start, task.due].into_iter().flatten().min();
        same(&load.undated, &whole(tasks.iter().filter(|task| last(task).is_none())));
        let overdue = |task: &Open| is_overdue(task.due, today);
        let late = |task: &&Open| overdue(task) || last(task).is_some_and(|last| last < starts[0] && last < today);
        same(&load.late, &whole(tasks.iter().filter(late)));
        same(&load.later, &whole(tasks.iter().filter(|task| !overdue(task) && first(task).is_some_and(|first| first >= periods.end()))));
        prop_assert_eq!(load.open as usize, tasks.len());
        prop_assert_eq!(load.blocked as usize, tasks.iter().filter(|task| task.blocked).count());
        prop_assert_eq!(load.overdue as usize, tasks.iter().filter(|task| overdue(task)).count());

        // A single task's part in a period is what that period's cell has of it.
        for task in &tasks {
            let Some(span) = span(task.start, task.due) else { continue };
            let alone = cell(std::slice::from_ref(task), &capacity, starts[0], periods.end(), day(-1_000));
            let part = part(&calendar, span, starts[0], periods.end().plus(-1));
            prop_assert_eq!(part.is_some(), alone.tasks == 1);
            prop_assert!((part.unwrap_or_default() * task.hours.unwrap_or_default() - alone.hours).abs() < 1e-6);
        }
    }
}

#[test]
fn a_week_of_work_spreads_over_working_days() {
    // A Monday; away on Wednesday.
    let monday: Day = "2026-11-23".parse().unwrap();
    let away = DaysOff { first: monday.plus(2), last: monday.plus(2) };
    let calendar = Calendar::new(&Capacity { days_off: vec![away], ..Capacity::default() });
    let mut load = LoadCounter::new(&calendar, Periods::new(Unit::Day, monday, 7, FirstWeekday::Monday), monday);
    load.add(&LoadBucket {
        start: Some(monday),
        due: Some(monday.plus(6)),
        tasks: 1,
        hours: 20.0,
        ..LoadBucket::default()
    });
    // A single day counts even if it is not a working day.
    load.add(&LoadBucket { due: Some(monday.plus(5)), tasks: 1, hours: 3.0, ..LoadBucket::default() });
    let load = load.of(None, String::new(), false);
    let hours: Vec<f64> = load.cells.iter().map(|cell| cell.hours).collect();
    assert_eq!(hours, [5.0, 5.0, 0.0, 5.0, 5.0, 3.0, 0.0]);
    let capacity: Vec<f64> = load.cells.iter().map(|cell| cell.capacity).collect();
    assert_eq!(capacity, [8.0, 8.0, 0.0, 8.0, 8.0, 0.0, 0.0]);
}

#[test]
fn past_days_are_not_free_and_overdue_work_is_in_no_period() {
    // Two weeks, looked at on the Thursday of the first.
    let monday: Day = "2026-11-23".parse().unwrap();
    let (today, calendar) = (monday.plus(3), Calendar::new(&Capacity::default()));
    let mut load = LoadCounter::new(&calendar, Periods::new(Unit::Week, monday, 2, FirstWeekday::Monday), today);
    load.add(&LoadBucket {
        start: Some(monday),
        due: Some(monday.plus(4)),
        tasks: 1,
        hours: 20.0,
        ..LoadBucket::default()
    });
    load.add(&LoadBucket { due: Some(monday.plus(2)), tasks: 1, hours: 6.0, ..LoadBucket::default() });
    let load = load.of(None, String::new(), false);
    let of = |cell: LoadCell| (cell.hours, cell.capacity, cell.ahead, cell.left, cell.tasks);
    assert_eq!(of(load.cells[0]), (20.0, 40.0, 8.0, 16.0, 1));
    assert_eq!(of(load.cells[1]), (0.0, 40.0, 0.0, 40.0, 0));
    assert_eq!((load.overdue, load.late.tasks, load.late.hours), (1, 1, 6.0));
    let past = LoadCounter::new(&calendar, Periods::new(Unit::Week, monday.plus(-7), 1, FirstWeekday::Monday), today);
    assert_eq!(of(past.of(None, String::new(), false).cells[0]), (0.0, 40.0, 0.0, 0.0, 0));
}
