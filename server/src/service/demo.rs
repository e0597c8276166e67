//! The demo board, created on the first start with `LOCKSTEP_DEMO=1`.

mod history;

use std::collections::HashMap;

use app::backend::DemoAccount;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{
    Category, Epoch, Priority, Project, ProjectId, Rank, Role, Status, StatusId, Task, TaskId, Timestamp, UserId,
    time::DAY_MS,
};
use rand::{TryRngCore as _, rngs::OsRng};
use serde::Deserialize;
use uuid::Uuid;

use super::{ServiceError, Services, account::Registration};
use crate::{clock, store::WriteTx};

/// The password of the accounts on the sign-in page. It is no secret.
const PASSWORD: &str = "lockstep-demo";
const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    project: String,
    people: Vec<Person>,
    statuses: Vec<Column>,
}

/// A person of the demo. The first one owns the project.
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

/// A card. Days are relative to today: `age`, `done` and `blocked_for` backwards, `start` and `due` forwards.
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

/// The accounts shown on the sign-in page.
pub fn accounts() -> Vec<DemoAccount> {
    let people = plan().into_iter().flat_map(|plan| plan.people).filter(|person| person.signs_in);
    people.map(|person| DemoAccount { name: person.name, email: person.email, password: PASSWORD.to_owned() }).collect()
}

/// Creates the demo project and its people, unless its owner exists already. Returns whether it did.
///
/// # Errors
/// When the database fails.
pub async fn make(services: &Services) -> Result<bool, ServiceError> {
    let plan = plan()?;
    let Some(owner) = plan.people.first() else { return Ok(false) };
    if services.store.account(&owner.email).await?.is_some() {
        return Ok(false);
    }
    let mut people = HashMap::new();
    // The owner last: after an interruption the next start continues.
    for person in plan.people.iter().rev() {
        people.insert(person.key.as_str(), account(services, person).await?);
    }
    let now = clock::now();
    let mut tx = services.store.write().await?;
    fill(&mut tx, &plan, &people, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn account(services: &Services, person: &Person) -> Result<UserId, ServiceError> {
    if let Some((user, _)) = services.store.account(&person.email).await? {
        return Ok(user.id);
    }
    let password = if person.signs_in { PASSWORD.to_owned() } else { random_password()? };
    let (email, name) = (person.email.clone(), person.name.clone());
    let registration = Registration { email, name, password, invitation: None };
    Ok(services.accounts.create(&services.store, registration).await?.id)
}

fn random_password() -> Result<String, ServiceError> {
    let mut bytes = [0; 24];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| ServiceError::Internal("the system gives no random bytes"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Creates the board with the beginning of its log. There are no viewers yet, so nothing is published.
async fn fill(
    tx: &mut WriteTx,
    plan: &Plan,
    people: &HashMap<&str, UserId>,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let oldest = plan.statuses.iter().flat_map(|column| &column.tasks).map(|card| card.age).max().unwrap_or(0);
    let began = ago(now, oldest + 1);
    let id = ProjectId::new(Uuid::now_v7());
    let name = plan.project.clone();
    let project = Project { id, name, role: None, created_at: began, updated_at: began };
    tx.add_project(&project, Epoch::new(Uuid::new_v4())).await?;
    for person in &plan.people {
        tx.add_member(id, known(people, &person.key)?, person.role, began).await?;
    }
    let owner = plan.people.first().map_or("", |person| person.key.as_str());
    let (mut columns, mut past) = (Vec::new(), Vec::new());
    for (column, rank) in plan.statuses.iter().zip(Rank::spread(plan.statuses.len())) {
        let status = Status {
            id: StatusId::new(Uuid::now_v7()),
            project_id: id,
            name: column.name.clone(),
            color: column.color.clone(),
            rank,
            wip_limit: column.wip,
            category: column.category,
        };
        tx.add_status(&status).await?;
        columns.push(status.clone());
        for (card, rank) in column.tasks.iter().zip(Rank::spread(column.tasks.len())) {
            let assignee_id = card.assignee.as_deref().map(|key| known(people, key)).transpose()?;
            let created_by = assignee_id.map_or_else(|| known(people, owner), Ok)?;
            let task = card.task(&status, rank, (created_by, assignee_id), now);
            tx.add_task(&task, None).await?;
            tx.watch(&[(task.id, created_by)]).await?;
            past.extend(history::past(&task, &columns, now));
        }
    }
    tx.add_to_task_count(id, plan.statuses.iter().map(|column| column.tasks.len()).sum()).await?;
    Ok(tx.append_past(id, &past).await?)
}

fn known(people: &HashMap<&str, UserId>, key: &str) -> Result<UserId, ServiceError> {
    people.get(key).copied().ok_or(ServiceError::Internal("the demo names somebody who is not in it"))
}

impl Card {
    fn task(
        &self,
        status: &Status,
        rank: Rank,
        (created_by, assignee_id): (UserId, Option<UserId>),
        now: Timestamp,
    ) -> Task {
        let completed_at = self.done.map(|days| ago(now, days));
        let created_at = ago(now, self.age);
        let id = TaskId::new(Uuid::now_v7());
        Task {
            title: self.title.clone(),
            description: Some(self.text.clone()),
            assignee_id,
            priority: self.priority,
            start_at: self.start.map(|days| date(now, days)),
            due_at: self.due.map(|days| date(now, days)),
            estimate_hours: self.hours,
            blocked_reason: self.blocked.clone(),
            blocked_since: self.blocked.as_ref().map(|_| ago(now, self.blocked_for)),
            completed_at,
            updated_at: completed_at.unwrap_or(created_at),
            ..Task::new(id, status.project_id, (status.id, rank), (created_by, created_at))
        }
    }
}

/// This many days ago, within working hours.
fn ago(now: Timestamp, days: i64) -> Timestamp {
    now.plus(-days * DAY_MS - (days % 7) * HOUR_MS)
}

/// The date this many days from today, as dates are stored: midnight UTC.
fn date(now: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_millis((now.millis().div_euclid(DAY_MS) + days) * DAY_MS)
}

fn plan() -> serde_json::Result<Plan> {
    serde_json::from_str(include_str!("demo/board.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_has_a_realistic_size_and_names_only_its_people() {
        let plan = plan().unwrap();
        let cards: Vec<_> = plan.statuses.iter().flat_map(|column| &column.tasks).collect();
        assert_eq!(plan.statuses.len(), 5);
        assert!((50..=70).contains(&cards.len()), "{} tasks", cards.len());
        for card in cards {
            let known = |key: &String| plan.people.iter().any(|person| person.key == *key);
            assert!(card.assignee.as_ref().is_none_or(known), "{} is given to a stranger", card.title);
            assert!(card.title.chars().count() <= engine::limit::TITLE);
        }
    }

    #[test]
    fn cards_are_finished_exactly_in_done_columns() {
        for column in plan().unwrap().statuses {
            let done = column.category == Category::Done;
            assert!(column.tasks.iter().all(|card| card.done.is_some() == done), "{}", column.name);
        }
    }

    #[test]
    fn two_accounts_can_sign_in() {
        let accounts = accounts();
        assert_eq!(accounts.len(), 2);
        assert!(accounts.iter().all(|account| account.password.len() >= engine::limit::PASSWORD_MIN));
    }
}
