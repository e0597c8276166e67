//! Accounts, and the boards they share.

use std::{net::SocketAddr, rc::Rc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{User, UserId};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use server::{
    clock,
    store::{Device, Store, access::SessionId},
};
use uuid::Uuid;

use crate::{Failure, http::Connection};

/// The name of the session cookie over plain HTTP.
const COOKIE: &str = "lockstep_session";
/// Accounts and boards created concurrently.
const CONCURRENT: usize = 16;
/// Lifetime of a session in milliseconds: long enough to need no extension, which is a write.
const SESSION_MS: i64 = 31 * 24 * 60 * 60 * 1000;

/// Signed-in users.
pub(crate) struct People {
    addr: SocketAddr,
    all: Vec<Person>,
}

struct Person {
    cookie: String,
}

/// A board, and its users.
pub(crate) struct Board {
    /// The project's id.
    pub(crate) id: String,
    /// Its columns.
    pub(crate) statuses: Vec<String>,
    /// Its cards.
    pub(crate) tasks: Vec<String>,
    /// The sessions of its members. The first one is the owner.
    pub(crate) members: Vec<String>,
}

impl People {
    /// Creates signed-in accounts directly in the database, as a thousand password hashes take a while.
    pub(crate) async fn register(store: &Store, addr: SocketAddr, count: usize) -> Result<Self, Failure> {
        let mut all = Vec::with_capacity(count);
        for first in (0..count).step_by(CONCURRENT) {
            all.extend(try_join_all((first..count.min(first + CONCURRENT)).map(|n| Person::register(store, n))).await?);
        }
        Ok(Self { addr, all })
    }

    /// Creates a board with this many cards and these members.
    pub(crate) async fn board(&self, members: std::ops::Range<usize>, cards: usize) -> Result<Rc<Board>, Failure> {
        let members = self.all.get(members).ok_or("there are fewer people")?;
        let owner = members.first().ok_or("nobody is there")?;
        let mut connection = Connection::open(self.addr, &owner.cookie).await?;
        let made = connection.send("POST", "/api/projects", &json!({ "name": "Bench" })).await?;
        let id = text(&made, "/project/id")?;
        for person in &members[1..] {
            let link = json!({ "role": "editor" });
            let made = connection.send("POST", &format!("/api/projects/{id}/invitations"), &link).await?;
            let url = text(&made, "/invitation/url")?;
            let token = url.rsplit('/').next().unwrap_or_default();
            let mut invited = Connection::open(self.addr, &person.cookie).await?;
            invited.send("POST", &format!("/api/invitations/{token}/accept"), &json!({})).await?;
        }
        let mut tasks = Vec::with_capacity(cards);
        for number in 0..cards {
            let draft = json!({ "title": format!("Card number {number}, with a title of common length") });
            let made = connection.send("POST", &format!("/api/projects/{id}/tasks"), &draft).await?;
            tasks.push(text(&made, "/task/id")?);
        }
        let mut statuses = Vec::new();
        for number in 0..3 {
            let status = json!({ "name": format!("Column {number}"), "color": "#4f74e3", "category": "doing" });
            let made = connection.send("POST", &format!("/api/projects/{id}/statuses"), &status).await?;
            statuses.push(text(&made, "/status/id")?);
        }
        let members = members.iter().map(|person| person.cookie.clone()).collect();
        Ok(Rc::new(Board { id, statuses, tasks, members }))
    }

    /// Creates boards, and distributes all users among them.
    pub(crate) async fn boards(&self, count: usize, cards: usize) -> Result<Vec<Rc<Board>>, Failure> {
        let share = self.all.len() / count;
        let mut boards = Vec::with_capacity(count);
        for first in (0..count).step_by(CONCURRENT) {
            let making = (first..count.min(first + CONCURRENT)).map(|n| self.board(n * share..(n + 1) * share, cards));
            boards.extend(try_join_all(making).await?);
        }
        Ok(boards)
    }
}

impl Person {
    async fn register(store: &Store, number: usize) -> Result<Self, Failure> {
        let email = format!("member{number}@bench.example");
        let user = User { id: UserId::new(Uuid::now_v7()), email, name: format!("Member {number}") };
        let now = clock::now();
        store.add_user(&user, "nobody signs in", now).await?;
        // 43 characters, like the server's own tokens.
        let token = BASE64_URL_SAFE_NO_PAD.encode([Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat());
        let end = now.plus(SESSION_MS);
        store.add_session(SessionId::of(&token), user.id, now, end, &Device::default()).await?;
        Ok(Self { cookie: format!("{COOKIE}={token}") })
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String, Failure> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer} in {answer}"))?.to_owned())
}
