//! Accounts, and boards that they share.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{Failure, http::Connection};

/// Tasks of a board: a real team's.
const TASKS: usize = 60;
/// Registrations at once: the server hashes as many passwords as it has cores.
const AT_ONCE: usize = 4;

/// Signed-in people, by their session cookies and addresses.
pub(crate) struct People {
    addr: SocketAddr,
    all: Vec<Person>,
}

struct Person {
    cookie: String,
    email: String,
}

/// A board, and who moves its cards.
pub(crate) struct Board {
    /// The project's id.
    pub(crate) id: String,
    /// Its columns.
    pub(crate) statuses: Vec<String>,
    /// Its cards.
    pub(crate) tasks: Vec<String>,
    /// The session of its owner.
    pub(crate) owner: String,
}

impl People {
    /// Registers so many people, as they would.
    pub(crate) async fn register(addr: SocketAddr, count: usize) -> Result<Self, Failure> {
        let share = count.div_ceil(AT_ONCE);
        let registering: Vec<_> = (0..AT_ONCE)
            .map(|part| {
                tokio::task::spawn_local(async move {
                    let mut people = Vec::with_capacity(share);
                    for number in part * share..count.min((part + 1) * share) {
                        people.push(Person::register(addr, number).await.map_err(|error| error.to_string())?);
                    }
                    Ok::<_, String>(people)
                })
            })
            .collect();
        let mut all = Vec::with_capacity(count);
        for part in registering {
            all.extend(part.await??);
        }
        Ok(Self { addr, all })
    }

    /// The session cookie of one of them.
    pub(crate) fn cookie(&self, index: usize) -> Option<&str> {
        self.all.get(index).map(|person| person.cookie.as_str())
    }

    /// Makes a board whose members are the first `members` people; the first one owns it.
    pub(crate) async fn board(&self, members: usize) -> Result<Board, Failure> {
        let owner = self.cookie(0).ok_or("nobody is there")?.to_owned();
        let mut connection = Connection::open(self.addr, Some(owner.clone())).await?;
        let made = connection.send("POST", "/api/projects", None, &json!({ "name": "Bench" })).await?;
        let id = text(&made, "/project/id")?;
        for person in self.all.iter().take(members).skip(1) {
            let member = json!({ "email": person.email, "role": "editor" });
            connection.send("POST", &format!("/api/projects/{id}/members"), None, &member).await?;
        }
        let mut tasks = Vec::with_capacity(TASKS);
        let mut statuses: Vec<String> = Vec::new();
        for number in 0..TASKS {
            let draft = json!({ "title": format!("Card number {number}, with a title of common length") });
            let made = connection.send("POST", &format!("/api/projects/{id}/tasks"), None, &draft).await?;
            tasks.push(text(&made, "/task/id")?);
        }
        for number in 0..3 {
            let status = json!({ "name": format!("Column {number}"), "color": "#4f74e3", "category": "doing" });
            let made = connection.send("POST", &format!("/api/projects/{id}/statuses"), None, &status).await?;
            statuses.push(text(&made, "/status/id")?);
        }
        Ok(Board { id, statuses, tasks, owner })
    }
}

impl Person {
    async fn register(addr: SocketAddr, number: usize) -> Result<Self, Failure> {
        let email = format!("member{number}@bench.example");
        let account = json!({ "email": email, "password": "a bench password", "name": format!("Member {number}") });
        let mut connection = Connection::open(addr, None).await?;
        connection.send("POST", "/api/auth/register", None, &account).await?;
        let cookie = connection.cookie().ok_or("registering began no session")?.to_owned();
        Ok(Self { cookie, email })
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String, Failure> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer} in {answer}"))?.to_owned())
}
