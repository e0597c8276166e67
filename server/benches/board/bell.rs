//! Notification sockets: how long one takes to open with ten thousand unread, and the delay from when a write is due
//! to when its notification is read.
//!
//! Separate from the boards' cases, with its own users, load and readers.

use std::{cell::RefCell, net::SocketAddr, rc::Rc, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{User, UserId, wire::ServerFrame};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use server::{
    clock,
    store::{Device, Store, access::SessionId},
};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use uuid::Uuid;

use crate::{Failure, report::Row, stack::Stack};

/// Users with an open notification socket.
const PEOPLE: usize = 1000;
/// Notifications per second: a reassigned task notifies two users.
const NOTIFICATIONS_PER_SECOND: u32 = 100;
/// Tasks that are reassigned, each rarely enough that a frame belongs to one write.
const TASKS: usize = 200;
/// Unread notifications of the user whose socket is opened.
const UNREAD: u64 = 10_000;
/// How often it is opened.
const OPENINGS: usize = 40;
/// Timeout of the last frames.
const TAIL: Duration = Duration::from_secs(2);
/// Most concurrent requests.
const CONNECTIONS: usize = 8;

type Bell = WebSocketStream<TcpStream>;

struct Person {
    id: UserId,
    cookie: String,
}

/// The frames received for the measured writes.
#[derive(Default)]
struct Tally {
    /// When the last write to each task was due.
    due: Vec<Option<Instant>>,
    /// Microseconds from due to read.
    latencies: Vec<u32>,
}

/// Measures both.
pub(crate) async fn measure(stack: &Stack, window: Duration) -> Result<Row, Failure> {
    let (addr, store) = (stack.addr(0), stack.store().await?);
    let mut database = AnyConnection::connect(stack.database_url()).await?;
    let mut people = Vec::with_capacity(PEOPLE + 1);
    for number in 0..=PEOPLE {
        people.push(register(&store, number).await?);
    }
    store.close().await;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let owner = &people[0];
    let made = post(&http, addr, owner, "/api/projects", json!({ "name": "Bells" })).await?;
    let project = made["project"]["id"].as_str().ok_or("no project")?.to_owned();
    database
        .execute(AssertSqlSafe(format!(
            "INSERT INTO project_members (project_id, user_id, role, joined_at)
             SELECT '{project}', id, 'editor', 0 FROM users WHERE id <> '{}' AND email LIKE 'bell%'",
            owner.id
        )))
        .await?;
    let mut tasks = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let draft = json!({ "title": format!("Task {number}") });
        let made = post(&http, addr, owner, &format!("/api/projects/{project}/tasks"), draft).await?;
        tasks.push(made["task"]["id"].as_str().ok_or("no task")?.to_owned());
    }

    let mut openings = open_full(addr, &mut database, &people[1], &project, &tasks[0]).await?;
    database.close().await?;
    let (mut latencies, expected) = deliver(addr, &http, &people, &tasks, window).await?;
    openings.sort_unstable();
    latencies.sort_unstable();
    let [p50, _, longest] = Row::timed(&openings).millis.unwrap_or([f64::NAN; 3]);
    let lost = expected.saturating_sub(latencies.len()) as u64;
    let note = format!("a bell with {UNREAD} unread opens in {p50:.1} ms, {longest:.1} at the longest");
    Ok(Row { wrong: Some([lost, latencies.len().saturating_sub(expected) as u64]), note, ..Row::timed(&latencies) })
}

/// Creates the unread notifications of a user, and opens their socket repeatedly.
async fn open_full(
    addr: SocketAddr,
    database: &mut AnyConnection,
    person: &Person,
    project: &str,
    task: &str,
) -> Result<Vec<u32>, Failure> {
    let user = person.id;
    database
        .execute(AssertSqlSafe(format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {UNREAD})
             INSERT INTO notifications (id, user_id, kind, title, message, reference_type, reference_id, task_id,
              project_id, cause, in_bell, alert, created_at)
             SELECT '00000000-0000-7000-8000-' || substr('000000000000' || i, length('000000000000' || i) - 11), '{user}',
              'comment', 'Somebody commented on a task', 'What they said about it, in a sentence or two', 'task',
              '{task}', '{task}', '{project}', 'bench' || i, 1, 0, i FROM n"
        )))
        .await?;
    let mut openings = Vec::with_capacity(OPENINGS);
    for _ in 0..OPENINGS {
        let begin = Instant::now();
        let (_bell, unread) = open(addr, person).await?;
        openings.push(micros(begin.elapsed()));
        if unread != UNREAD {
            return Err(format!("{unread} unread in the place of {UNREAD}").into());
        }
    }
    Ok(openings)
}

/// Reassigns tasks at a steady rate. Returns the delay of each notification, and their number.
async fn deliver(
    addr: SocketAddr,
    http: &reqwest::Client,
    people: &[Person],
    tasks: &[String],
    window: Duration,
) -> Result<(Vec<u32>, usize), Failure> {
    let listeners = &people[1..];
    let tally = Rc::new(RefCell::new(Tally { due: vec![None; tasks.len()], latencies: Vec::new() }));
    let mut readers = Vec::with_capacity(listeners.len());
    for person in listeners {
        let (bell, _) = open(addr, person).await?;
        readers.push(tokio::task::spawn_local(read(bell, Rc::clone(&tally))));
    }
    // Users have no task or one in turn, and the first assignment notifies only one user.
    for (number, task) in tasks.iter().enumerate() {
        assign(http, addr, &people[0], task, listeners[number].id).await?;
    }
    sleep(TAIL).await;
    tally.borrow_mut().latencies.clear();

    let every = Duration::from_secs(2) / NOTIFICATIONS_PER_SECOND;
    let writes = usize::try_from(window.as_millis() / every.as_millis())?;
    let (begin, slots) = (Instant::now() + every, Rc::new(tokio::sync::Semaphore::new(CONNECTIONS)));
    let mut writing = Vec::with_capacity(writes);
    for write in 0..writes {
        let due = begin + every * u32::try_from(write)?;
        sleep_until(due).await;
        let task = write % tasks.len();
        tally.borrow_mut().due[task] = Some(due);
        let to = listeners[(tasks.len() + write) % listeners.len()].id;
        let request = assign_request(http, addr, &people[0], &tasks[task], to);
        let slots = Rc::clone(&slots);
        writing.push(tokio::task::spawn_local(async move {
            let _slot = slots.acquire().await.map_err(|error| error.to_string())?;
            let answer = request.send().await.map_err(|error| error.to_string())?;
            answer.error_for_status().map(drop).map_err(|error| error.to_string())
        }));
    }
    for written in writing {
        written.await??;
    }
    sleep(TAIL).await;
    readers.iter().for_each(tokio::task::JoinHandle::abort);
    let latencies = std::mem::take(&mut tally.borrow_mut().latencies);
    Ok((latencies, 2 * writes))
}

async fn read(mut bell: Bell, tally: Rc<RefCell<Tally>>) {
    while let Some(Ok(message)) = bell.next().await {
        let Message::Text(text) = message else { continue };
        let now = Instant::now();
        let Ok(ServerFrame::Notification { data }) = ServerFrame::parse(&text) else { continue };
        let task = data.message.strip_prefix("Task ").and_then(|number| number.parse::<usize>().ok());
        let mut tally = tally.borrow_mut();
        if let Some(due) = task.and_then(|task| tally.due.get(task).copied().flatten()) {
            tally.latencies.push(micros(now.saturating_duration_since(due)));
        }
    }
}

fn micros(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}

/// Opens a notification socket. Returns its number of unread notifications.
async fn open(addr: SocketAddr, person: &Person) -> Result<(Bell, u64), Failure> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://{addr}/ws/notifications").into_client_request()?;
    request.headers_mut().insert("cookie", person.cookie.parse()?);
    request.headers_mut().insert("origin", format!("http://{addr}").parse()?);
    let (mut bell, _) = client_async(request, stream).await?;
    match bell.next().await.ok_or("no first frame")?? {
        Message::Text(text) => match ServerFrame::parse(&text)? {
            ServerFrame::UnreadSync { unread, .. } => Ok((bell, unread)),
            other => Err(format!("{other:?} in the place of unread_sync").into()),
        },
        other => Err(format!("{other:?} in the place of a frame").into()),
    }
}

async fn register(store: &Store, number: usize) -> Result<Person, Failure> {
    let id = UserId::new(Uuid::now_v7());
    let user = User { id, email: format!("bell{number}@bench.example"), name: format!("Listener {number}") };
    let now = clock::now();
    store.add_user(&user, "nobody signs in", now).await?;
    let token = BASE64_URL_SAFE_NO_PAD.encode([Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat());
    // Long enough to need no extension, which is a write.
    let end = now.plus(31 * engine::time::DAY_MS);
    store.add_session(SessionId::of(&token), id, now, end, &Device::default()).await?;
    Ok(Person { id, cookie: format!("lockstep_session={token}") })
}

fn assign_request(
    http: &reqwest::Client,
    addr: SocketAddr,
    by: &Person,
    task: &str,
    to: UserId,
) -> reqwest::RequestBuilder {
    let request = http.post(format!("http://{addr}/api/tasks/{task}/assign")).header("cookie", &by.cookie);
    request.json(&json!({ "assignee_id": to }))
}

async fn assign(http: &reqwest::Client, addr: SocketAddr, by: &Person, task: &str, to: UserId) -> Result<(), Failure> {
    assign_request(http, addr, by, task, to).send().await?.error_for_status()?;
    Ok(())
}

async fn post(
    http: &reqwest::Client,
    addr: SocketAddr,
    by: &Person,
    path: &str,
    body: Value,
) -> Result<Value, Failure> {
    let request = http.post(format!("http://{addr}{path}")).header("cookie", &by.cookie).json(&body);
    Ok(request.send().await?.error_for_status()?.json().await?)
}
