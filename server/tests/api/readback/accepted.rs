//! After random accepted requests, the responses, the log, the board and the page can be read.

use engine::{Board, Change, Event, Priority, Snapshot, Task, TaskId, Timestamp, comment::Thread};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer, on_both_databases};

/// Requests per run.
const REQUESTS: usize = 250;

fn text() -> BoxedStrategy<Value> {
    let odd = select(vec![
        "",
        " ",
        "\0",
        "\n",
        "\u{200b}",
        "\u{202e}x",
        "é",
        "e\u{301}",
        "👩‍👩‍👧",
        "</script>",
        "\u{ffff}",
        "x\ty",
    ]);
    prop_oneof![any::<String>().prop_map(Value::from), odd.prop_map(Value::from), "[a-z ]{1,30}".prop_map(Value::from)]
        .boxed()
}

fn date() -> BoxedStrategy<Value> {
    let any_date = (0_i32..10_000, 1_u32..14, 1_u32..32, 0_u32..25, -1500_i32..1500, any::<bool>()).prop_map(
        |(year, month, day, hour, offset, whole)| {
            let date = format!("{year:04}-{month:02}-{day:02}");
            let (sign, minutes) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
            let time = format!("T{hour:02}:30:00{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            Value::from(if whole { date } else { date + &time })
        },
    );
    let odd = select(vec!["9999-12-31T23:59:59-12:00", "1970-01-01T00:00:00+14:00", "2999-12-31T23:59:59-12:00", "x"]);
    prop_oneof![any_date, odd.prop_map(Value::from), Just(Value::Null)].boxed()
}

fn number() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::from),
        (0.0..10_000.0_f64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ]
    .boxed()
}

/// An object with some of these fields.
fn some(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| {
            proptest::option::of(value).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn word(words: &'static [&'static str]) -> BoxedStrategy<Value> {
    select(words).prop_map(Value::from).boxed()
}

/// Values of a plain field, odd ones included, by type.
trait OddValue {
    fn odd() -> BoxedStrategy<Value>;
}

impl OddValue for Priority {
    fn odd() -> BoxedStrategy<Value> {
        word(&["none", "low", "medium", "high", "urgent", "later"])
    }
}

impl OddValue for Option<Timestamp> {
    fn odd() -> BoxedStrategy<Value> {
        date()
    }
}

impl OddValue for Option<f64> {
    fn odd() -> BoxedStrategy<Value> {
        number()
    }
}

impl OddValue for Option<String> {
    fn odd() -> BoxedStrategy<Value> {
        prop_oneof![3 => text(), 1 => Just(Value::Null)].boxed()
    }
}

macro_rules! plan {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        fn plan() -> Vec<(&'static str, BoxedStrategy<Value>)> {
            vec![$((stringify!($name), <$type>::odd())),*]
        }
    };
}
engine::task_fields!(plan);

fn request() -> BoxedStrategy<(&'static str, Value)> {
    let with = |mut fields: Vec<_>, more: Vec<(&'static str, BoxedStrategy<Value>)>| {
        fields.extend(more);
        some(fields)
    };
    let title = || Just(json!("card")).boxed();
    let draft = with(plan(), vec![("title", prop_oneof![3 => title(), 1 => text()].boxed()), ("description", text())]);
    let version = any::<i64>().prop_map(Value::from).boxed();
    let patch = with(
        plan(),
        vec![("title", text()), ("description", text()), ("version", version), ("blocked_reason", text())],
    );
    let set = with(plan(), vec![("blocked_reason", text())]);
    let color = prop_oneof![Just(json!("#4f6bed")), text()].boxed();
    let limit = prop_oneof![any::<i64>().prop_map(Value::from), (1_u32..9).prop_map(Value::from)].boxed();
    let status = some(vec![
        ("name", text()),
        ("color", color),
        ("wip_limit", limit),
        ("category", word(&["todo", "doing", "done", "x"])),
    ]);
    let name = some(vec![("name", text())]);
    let body = some(vec![("body", text())]);
    prop_oneof![
        draft.prop_map(|body| ("draft", body)),
        patch.prop_map(|body| ("patch", body)),
        set.prop_map(|body| ("bulk", body)),
        status.prop_map(|body| ("status", body)),
        name.prop_map(|body| ("name", body)),
        body.prop_map(|body| ("comment", body)),
    ]
    .boxed()
}

/// Reads the board, the log and the page like a client.
async fn read_back(client: &Client, first: &Snapshot) {
    let project = first.project.id;
    let now = client.board(project).await;
    assert_eq!(now.unreadable, 0);
    let mut board = Board::new(first.clone());
    for event in client.events(project).await {
        let event: Event = serde_json::from_str(&event.to_string()).expect("an event");
        assert!(!matches!(event.change, Change::Unknown(_) | Change::Unreadable(_)), "{event:?}");
        board.apply(&event);
    }
    assert_eq!(board.snapshot().tasks, now.tasks, "the log tells what the board has");
    assert_eq!(board.snapshot().statuses, now.statuses);
    client.get(&format!("/projects/{project}")).await.expect(200);
}

on_both_databases! {
    async fn everything_accepted_can_be_read(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let first = ada.board(project).await;
        let task = ada.task(project, "one").await;
        let (of_project, of_task) = (format!("/api/projects/{project}"), format!("/api/tasks/{}", task.id));
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let (strategy, mut taken) = (request(), 0);
        for _ in 0..REQUESTS {
            let (kind, body) = strategy.new_tree(&mut runner).expect("a request").current();
            let answer = match kind {
                "draft" => ada.post(&format!("{of_project}/tasks"), body.clone()).await,
                "patch" => ada.patch(&of_task, body.clone()).await,
                "bulk" => {
                    let bulk = json!({ "ids": [task.id], "change": { "set": body } });
                    ada.post(&format!("{of_project}/tasks/bulk"), bulk).await
                }
                "status" => ada.post(&format!("{of_project}/statuses"), body.clone()).await,
                "name" => ada.patch(&of_project, body.clone()).await,
                _ => ada.post(&format!("{of_task}/comments"), body.clone()).await,
            };
            assert!(answer.status < 500, "{kind} {body}: {}", answer.text);
            if answer.status >= 300 {
                assert!(answer.json::<Value>()["error"]["code"].is_string(), "{kind} {body}: {}", answer.text);
                continue;
            }
            taken += 1;
            if matches!(kind, "draft" | "patch") {
                let said: Task = answer.field("task");
                let read: Task = ada.get(&format!("/api/tasks/{}", said.id)).await.expect(200).field("task");
                assert_eq!(Task { description: None, ..said }, Task { description: None, ..read }, "{kind} {body}");
            }
        }
        assert!(taken > REQUESTS / 10, "{taken} of {REQUESTS} were taken");
        ada.get(&format!("{of_task}/comments")).await.expect(200).json::<Thread>();
        read_back(&ada, &first).await;
    }

    async fn estimates_are_read_as_returned(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let url = crate::harness::path(ada.task(project, "one").await.id);
        for hours in ["0.1", "0.30000000000000004", "3.3333333333333335", "9999.999999999", "1e-320", "-0.0", "1E3"] {
            let request = ada.request(reqwest::Method::PATCH, &url).header("content-type", "application/json");
            let answer = crate::harness::send(request.body(format!("{{\"estimate_hours\":{hours}}}"))).await.expect(200);
            let (said, id): (Option<f64>, TaskId) = {
                let task: Task = answer.field("task");
                (task.estimate_hours, task.id)
            };
            let board = ada.board(project).await;
            let read = board.tasks.iter().find(|task| task.id == id).and_then(|task| task.estimate_hours);
            assert_eq!(read.map(f64::to_bits), said.map(f64::to_bits), "{hours}");
        }
        for hours in ["1e999", "-1", "NaN", "Infinity", "10000.1", "\"1\"", "1e309"] {
            let request = ada.request(reqwest::Method::PATCH, &url).header("content-type", "application/json");
            let answer = crate::harness::send(request.body(format!("{{\"estimate_hours\":{hours}}}"))).await;
            assert!((400..500).contains(&answer.status), "{hours}: {}", answer.text);
        }
    }
}
