//! The plain fields of a task: each is created, changed, changed in bulk, and read back wherever tasks are read.

use std::collections::BTreeSet;

use engine::{Priority, ProjectId, Task, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::harness::{Client, TestServer, on_both_databases, path};

/// What to do about a field that was forgotten somewhere.
const HOW: &str = "ARCHITECTURE.md, \"Where a change goes\", names the places of a field";

/// The fields of a task with rules of their own, written by hand in each place.
const OF_ITS_OWN: [&str; 15] = [
    "id",
    "project_id",
    "status_id",
    "rank",
    "title",
    "description",
    "assignee_id",
    "blocked_reason",
    "blocked_since",
    "completed_at",
    "created_by",
    "created_at",
    "updated_at",
    "version",
    "comment_count",
];

/// Values of a plain field, by type.
trait Sample: Default + Serialize {
    /// Two values that differ from each other and from the default.
    fn two() -> [Self; 2];
}

impl Sample for Priority {
    fn two() -> [Self; 2] {
        [Self::High, Self::Low]
    }
}

impl Sample for Option<Timestamp> {
    fn two() -> [Self; 2] {
        ["2031-02-03T00:00:00Z", "2032-03-04T00:00:00Z"].map(|text| text.parse().ok())
    }
}

impl Sample for Option<f64> {
    fn two() -> [Self; 2] {
        [Some(2.5), Some(0.0)]
    }
}

impl Sample for Option<String> {
    fn two() -> [Self; 2] {
        ["Ünïcode 🂡", "plain"].map(|text| Some(text.to_owned()))
    }
}

/// A plain field with values as JSON.
struct PlainField {
    name: &'static str,
    one: Value,
    other: Value,
    empty: Value,
}

macro_rules! fields {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        fn fields() -> Vec<PlainField> {
            vec![$({
                let [one, other] = <$type>::two();
                PlainField { name: stringify!($name), one: json!(one), other: json!(other), empty: json!(<$type>::default()) }
            }),*]
        }
    };
}
engine::task_fields!(fields);

/// Checks that a write returned these values, and that each way to read the task returns the same.
async fn look(client: &Client, project: ProjectId, said: &Task, expected: &Map<String, Value>, after: &str) {
    let task: Task = client.get(&path(said.id)).await.expect(200).field("task");
    let board = client.board(project).await;
    let on_board = board.tasks.iter().find(|task| task.id == said.id).expect("it is on the board");
    let event = client.events(project).await.pop().expect("an event");
    let ways = [
        ("the answer", json!(said)),
        ("GET /api/tasks", json!(task)),
        ("the board", json!(on_board)),
        ("the event", event["data"].clone()),
    ];
    for (name, value) in expected {
        for (way, task) in &ways {
            let read = task.get(name).unwrap_or(&Value::Null);
            assert_eq!(read, value, "`{name}` as {way} has it after {after}: {HOW}");
        }
    }
}

on_both_databases! {
    async fn each_field_is_read_as_written(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let (tasks, many) = (format!("/api/projects/{project}/tasks"), format!("/api/projects/{project}/tasks/bulk"));
        let mut expected: Map<String, Value> =
            fields().into_iter().map(|field| (field.name.to_owned(), field.one)).collect();
        let mut draft = expected.clone();
        draft.insert("title".to_owned(), json!("one"));
        let task: Task = ada.post(&tasks, draft.into()).await.expect(201).field("task");
        look(&ada, project, &task, &expected, "a draft").await;
        for PlainField { name, one, other, empty } in fields() {
            expected.insert(name.to_owned(), other.clone());
            let task: Task = ada.patch(&path(task.id), json!({ name: other })).await.expect(200).field("task");
            look(&ada, project, &task, &expected, "a patch").await;

            expected.insert(name.to_owned(), one.clone());
            let body = json!({ "ids": [task.id], "change": { "set": { name: one } } });
            let changed: Vec<Task> = ada.post(&many, body).await.expect(200).field("tasks");
            look(&ada, project, &changed[0], &expected, "a bulk change").await;

            expected.insert(name.to_owned(), empty.clone());
            let task: Task = ada.patch(&path(task.id), json!({ name: empty })).await.expect(200).field("task");
            look(&ada, project, &task, &expected, "it was emptied").await;
        }
    }
}

#[test]
fn the_document_has_each_field_and_each_field_is_declared() {
    let document: Value = serde_json::to_value(server::http::openapi()).expect("JSON");
    let properties = |name: &str| -> BTreeSet<String> {
        let schema = document["components"]["schemas"][name]["properties"].as_object();
        schema.unwrap_or_else(|| panic!("a schema of {name}")).keys().cloned().collect()
    };
    let declared: BTreeSet<String> = fields().iter().map(|field| field.name.to_owned()).collect();
    for schema in ["Task", "TaskDraft", "TaskPatch", "BulkPatch"] {
        let missing: Vec<_> = declared.difference(&properties(schema)).cloned().collect();
        assert!(missing.is_empty(), "the OpenAPI document does not say that {schema} has {missing:?}: {HOW}");
    }
    let by_hand: Vec<_> = properties("Task").into_iter().filter(|name| !OF_ITS_OWN.contains(&name.as_str())).collect();
    assert_eq!(
        by_hand.into_iter().collect::<BTreeSet<_>>(),
        declared,
        "`Task` has a field that is not declared in `task_fields!` (engine/src/fields.rs): declare it there, or, where it \
         follows rules of its own, name it in OF_ITS_OWN and write it by hand in drafts, patches, the overlay and the tests"
    );
}
