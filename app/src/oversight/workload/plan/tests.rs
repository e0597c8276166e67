use engine::{Priority, ProjectId, StatusId, TaskId};
use uuid::Uuid;

use super::*;

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

/// Ada's, four hours, in the week of 2026-11-16.
fn task(start: Option<&str>, due: Option<&str>) -> LoadTask {
    let at = |text: &str| day(text).timestamp();
    LoadTask {
        id: TaskId::new(Uuid::from_u128(9)),
        project_id: ProjectId::new(Uuid::nil()),
        project: "Any".to_owned(),
        title: "Any".to_owned(),
        status_id: StatusId::new(Uuid::nil()),
        status: "To do".to_owned(),
        assignee_id: Some(user(1)),
        priority: Priority::None,
        start_at: start.map(at),
        due_at: due.map(at),
        estimate_hours: Some(4.0),
        hours: 4.0,
        blocked_reason: None,
        editable: true,
    }
}

/// Three weeks from Monday 2026-11-16; today is the Saturday of the first.
fn weeks() -> Grid {
    let periods = ["2026-11-16", "2026-11-23", "2026-11-30"].map(day).to_vec();
    Grid { unit: Unit::Week, today: day("2026-11-21"), periods }
}

fn load() -> Workload {
    let person = |id: Option<UserId>| PersonLoad {
        user_id: id,
        name: String::new(),
        cells: vec![LoadCell { hours: 10.0, capacity: 40.0, left: 40.0, ahead: 10.0, tasks: 3, unestimated: 0 }; 3],
        late: LoadCell::default(),
        later: LoadCell::default(),
        undated: LoadCell::default(),
        open: 9,
        overdue: 0,
        blocked: 0,
        editable: false,
    };
    let Grid { unit, today, periods } = weeks();
    Workload { unit, today, periods, people: vec![person(Some(user(1))), person(None)], version: String::new() }
}

#[test]
fn a_task_keeps_its_length_and_its_days_of_the_week() {
    let grid = weeks();
    let long = task(Some("2026-11-19"), Some("2026-11-24"));
    let to = moved(&long, Some(day("2026-11-16")), day("2026-11-23"), &grid);
    assert_eq!(to, (Some(day("2026-11-26")), Some(day("2026-12-01"))));
    // From a list without a period: by its last day.
    assert_eq!(moved(&long, None, day("2026-11-30"), &grid), (Some(day("2026-11-26")), Some(day("2026-12-01"))));
}

#[test]
fn a_task_is_moved_into_the_past_only_on_purpose() {
    let grid = weeks();
    let late = task(None, Some("2026-11-10"));
    // The Friday of this week is past, so the last day is the end of the week.
    assert_eq!(moved(&late, None, day("2026-11-16"), &grid), (None, Some(day("2026-11-22"))));
    assert_eq!(moved(&late, None, day("2026-11-23"), &grid), (None, Some(day("2026-11-24"))));
    assert_eq!(moved(&late, None, day("2026-11-02"), &grid), (None, Some(day("2026-11-03"))));
}

#[test]
fn a_task_without_a_date_is_due_on_the_friday() {
    assert_eq!(moved(&task(None, None), None, day("2026-11-23"), &weeks()), (None, Some(day("2026-11-27"))));
    let days = Grid { unit: Unit::Day, periods: vec![day("2026-11-23")], ..weeks() };
    assert_eq!(moved(&task(None, None), None, day("2026-11-25"), &days), (None, Some(day("2026-11-25"))));
}

#[test]
fn a_move_sends_only_changes_and_its_undo_reverts_all_of_them() {
    let (grid, task) = (weeks(), task(None, Some("2026-11-18")));
    let here = Some(day("2026-11-16"));
    let stay = Target { user: Some(user(1)), when: When::In(day("2026-11-16")) };
    // Its last day is past, but it stays there: no other period was chosen.
    let stayed = ops(&task, here, Target { when: When::Same, ..stay }, &grid);
    assert_eq!(stayed, []);

    let away = ops(&task, here, Target { user: None, when: When::In(day("2026-11-23")) }, &grid);
    let due = |text| TaskPatch { due_at: Some(Some(day(text).timestamp())), ..TaskPatch::default() };
    let update = |text| Op::UpdateTask { task_id: task.id, patch: due(text) };
    assert_eq!(away, [Op::AssignTask { task_id: task.id, assignee_id: None }, update("2026-11-25")]);
    let back = [Op::AssignTask { task_id: task.id, assignee_id: Some(user(1)) }, update("2026-11-18")];
    assert_eq!(reverse(&task, &away), back);

    let undated = ops(&task, here, Target { when: When::Undated, ..stay }, &grid);
    let patch = TaskPatch { due_at: Some(None), ..TaskPatch::default() };
    assert_eq!(undated, [Op::UpdateTask { task_id: task.id, patch }]);
}

#[test]
fn the_figures_move_with_the_task() {
    let mut load = load();
    let to = Target { user: None, when: When::In(day("2026-11-23")) };
    apply_move(&mut load, &task(None, Some("2026-11-22")), Some(day("2026-11-16")), to);
    let [ada, nobody] = load.people.as_slice() else { panic!("two people") };
    assert_eq!((ada.cells[0].hours, ada.cells[0].tasks, ada.open), (6.0, 2, 8));
    assert_eq!((nobody.cells[1].hours, nobody.cells[1].tasks, nobody.open), (14.0, 4, 10));
    assert_eq!(ada.cells[1].tasks, 3);
}

#[test]
fn load_outside_the_periods_has_its_own_cells() {
    let mut load = load();
    load.people[0].late = LoadCell { hours: 4.0, tasks: 1, ..LoadCell::default() };
    let same = Target { user: Some(user(1)), when: When::Undated };
    // Overdue, although its week is shown.
    apply_move(&mut load, &task(None, Some("2026-11-18")), None, same);
    assert_eq!((load.people[0].late.tasks, load.people[0].cells[0].tasks), (0, 3));
    assert_eq!(load.people[0].undated.tasks, 1);
}
