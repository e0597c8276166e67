use engine::{Method, TaskPatch};
use serde_json::{Map, Value, json};

use super::*;
use crate::ids::{id, owner};

macro_rules! names {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}
engine::task_fields!(names);

/// A value that a field takes, as tasks have it.
fn sample(name: &str) -> Value {
    let values = [json!("high"), json!("2031-02-03T00:00:00Z"), json!(2), json!(2.5), json!(true)];
    let taken = |value: &Value| serde_json::from_value::<TaskPatch>(json!({ name: value })).is_ok();
    values.into_iter().find(taken).unwrap_or_else(|| panic!("add a value that `{name}` takes"))
}

#[test]
fn the_model_keeps_each_plain_field() {
    let (mut rows, at) = (Rows::new(0), Timestamp::from_millis(1));
    let (project, status_id) = (rows.project.id, rows.statuses[0].id);
    let fields: Map<String, Value> = NAMES.iter().map(|name| ((*name).to_owned(), sample(name))).collect();
    let make = |task: TaskId, mut draft: Map<String, Value>| {
        draft.extend(
            [("id", json!(task)), ("title", json!("one")), ("status_id", json!(status_id))]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        Request::new(Method::Post, format!("/api/projects/{project}/tasks")).json(draft.into())
    };
    let (one, two): (TaskId, TaskId) = (id(9, 1), id(9, 2));
    let change = Request::new(Method::Patch, format!("/api/tasks/{two}")).json(fields.clone().into());
    for request in [make(one, fields.clone()), make(two, Map::new()), change] {
        rows.service(&request, owner(), at).unwrap();
    }
    for (task, what) in [(one, "draft"), (two, "patch")] {
        let task = serde_json::to_value(&rows.tasks[&task].0).unwrap();
        for name in NAMES.iter().copied() {
            let value = |value: &Value| serde_json::from_value::<TaskPatch>(json!({ name: value })).ok();
            assert_eq!(
                value(&task[name]),
                value(&fields[name]),
                "the simulation's server forgets `{name}` of a {what}: see engine/tests/sim/service.rs"
            );
        }
    }
}
