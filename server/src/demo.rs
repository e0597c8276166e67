//! A board to try things on: made on the first start, when `LOCKSTEP_DEMO=1`.

use app::backend::DemoAccount;
use engine::{Category, Priority, Role};
use serde::Deserialize;

/// The password of the demo accounts. It is no secret: the sign-in page shows it.
const PASSWORD: &str = "lockstep-demo";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    project: String,
    people: Vec<Person>,
    statuses: Vec<Column>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    key: String,
    name: String,
    email: String,
    role: Role,
    #[serde(default)]
    signs_in: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    color: String,
    category: Category,
    #[serde(default)]
    wip: Option<u32>,
    tasks: Vec<Card>,
}

/// Days count from today: `age`, `done` and `blocked_for` back, `start` and `due` forth.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    assignee: Option<String>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    start: Option<i64>,
    #[serde(default)]
    due: Option<i64>,
    #[serde(default)]
    hours: Option<f64>,
    #[serde(default)]
    blocked: Option<String>,
    #[serde(default)]
    blocked_for: i64,
    age: i64,
    #[serde(default)]
    done: Option<i64>,
}

/// The accounts that the sign-in page offers.
pub fn accounts() -> Vec<DemoAccount> {
    let plan = plan();
    let people = plan.into_iter().flat_map(|plan| plan.people).filter(|person| person.signs_in);
    people.map(|person| DemoAccount { name: person.name, email: person.email, password: PASSWORD.to_owned() }).collect()
}

fn plan() -> serde_json::Result<Plan> {
    serde_json::from_str(include_str!("demo/board.json"))
}
