//! The plain fields of a task: writes reach the task, and tasks of older builds are read without newer fields.

use engine::{Change, Event, Task, TaskPatch, Timestamp};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value};

use super::arbitrary as any_;

/// The fields that tasks had in the first build. All later ones may be absent.
const FIRST: [&str; 19] = [
    "id",
    "project_id",
    "status_id",
    "rank",
    "title",
    "description",
    "assignee_id",
    "priority",
    "start_at",
    "due_at",
    "estimate_hours",
    "blocked_reason",
    "blocked_since",
    "completed_at",
    "created_by",
    "created_at",
    "updated_at",
    "version",
    "comment_count",
];

macro_rules! names {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}
engine::task_fields!(names);

fn object<T: serde::Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        other => panic!("{other:?}"),
    }
}

/// The first event about a task that a build of 0.1 wrote.
fn old_event() -> &'static str {
    let lines = include_str!("../golden/events-0.1.jsonl").lines();
    lines.into_iter().find(|line| line.contains("\"task_created\"")).expect("an event")
}

#[test]
fn younger_fields_may_be_absent() {
    let event: Event = serde_json::from_str(old_event()).expect("an event");
    let younger: Vec<_> = NAMES.iter().filter(|name| !FIRST.contains(name)).collect();
    let Change::TaskCreated(task) = event.change else {
        panic!(
            "a task that an older build wrote cannot be read. It has no {younger:?}: give the field `#[serde(default, \
             skip_serializing_if = …)]` in `task_fields!` (engine/src/fields.rs)"
        )
    };
    let written = object(&task);
    for name in younger {
        assert!(
            !written.contains_key(*name),
            "`{name}` is written where it is empty, and older builds did not write it: give it `#[serde(default, \
             skip_serializing_if = …)]` in `task_fields!` (engine/src/fields.rs)"
        );
    }
}

/// Checks that a task has these fields of a draft or a patch.
fn reached(task: &Task, written: &Map<String, Value>, what: &str) {
    let task = object(task);
    for name in NAMES.iter().chain(&["title", "assignee_id", "blocked_reason"]) {
        if let Some(value) = written.get(*name) {
            let read = task.get(*name).unwrap_or(&Value::Null);
            assert_eq!(read, value, "`{name}` of a {what} does not reach the task: see engine/src/op/patch.rs");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_draft_reaches_the_task(task in any_::task(), draft in any_::draft()) {
        let place = (task.status_id, task.rank.clone());
        let mut made = Task::new(task.id, task.project_id, place, (task.created_by, task.created_at));
        draft.apply(&mut made);
        reached(&made, &object(&draft), "draft");
        // A field that a draft leaves out has its default.
        let blank = Task::new(task.id, task.project_id, (task.status_id, task.rank), (task.created_by, task.created_at));
        let (made, blank, draft) = (object(&made), object(&blank), object(&draft));
        for name in NAMES.iter().filter(|name| !draft.contains_key(**name)) {
            prop_assert_eq!(made.get(*name), blank.get(*name), "{}", name);
        }
    }

    #[test]
    fn a_patch_reaches_the_task_and_changes_nothing_else(task in any_::task(), patch in any_::patch(), at in any_::moment()) {
        let mut changed = task.clone();
        patch.apply(&mut changed, at);
        let written = object(&patch);
        reached(&changed, &written, "patch");
        let (before, after) = (object(&task), object(&changed));
        for name in before.keys().chain(after.keys()).filter(|name| !written.contains_key(*name)) {
            let follows = name == "blocked_since" && written.contains_key("blocked_reason");
            prop_assert!(follows || before.get(name) == after.get(name), "{} changed", name);
        }
    }

    #[test]
    fn a_task_is_blocked_since_its_first_reason(
        task in any_::task(), reasons in vec(proptest::option::of(any_::text()), 1..5), at in any_::moment(),
    ) {
        let mut blocked = Task { blocked_reason: None, blocked_since: None, ..task };
        let mut since: Option<Timestamp> = None;
        for (number, reason) in reasons.into_iter().enumerate() {
            let now = Timestamp::from_millis(at.millis().wrapping_add(number as i64));
            since = reason.as_ref().and(since.or(Some(now)));
            let patch = TaskPatch { blocked_reason: Some(reason), ..TaskPatch::default() };
            patch.apply(&mut blocked, now);
            prop_assert_eq!((blocked.blocked_since, blocked.blocked_reason.is_some()), (since, since.is_some()));
        }
    }

    #[test]
    fn a_bulk_patch_loses_nothing_as_a_patch(patch in any_::bulk_patch()) {
        prop_assert_eq!(object(&patch), object(&TaskPatch::from(patch)));
    }
}
