//! Somebody's open board: the session that a browser runs, over real requests and sockets, with every event counted
//! that comes in. All tests of faults look through it.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

use engine::{
    ApiError, Event, Op, OpId, ProjectId, Request, TaskId, TaskPatch,
    error::ErrorBody,
    request::Method,
    session::{Effect, Input, Link, Receipt, Session},
    wire::{ClientFrame, ServerFrame},
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::{JoinHandle, JoinSet},
    time::{sleep_until, timeout},
};

use super::{PATIENCE, session as sign_in, socket::Socket};
use crate::harness::{Client, new_op};

/// How long a browser waits for an answer.
const ANSWER: Duration = Duration::from_secs(20);
/// The code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// Where a tab connects to, and how quickly time passes for it.
#[derive(Clone)]
pub(super) struct Way {
    /// Nodes, or proxies before them. After a failure the next one is tried, as a load balancer would.
    pub(super) nodes: Vec<SocketAddr>,
    /// How often a second of the session goes by in a real one: its patience is made for people.
    pub(super) haste: u32,
}

/// What a tab shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// Its place in the log.
    pub(super) seq: u64,
    /// Ops that it was given.
    asked: usize,
    /// Those of them that nothing has confirmed.
    unconfirmed: usize,
    /// What its indicator says.
    pub(super) link: Link,
    /// Sockets that it has opened.
    pub(super) sockets: u32,
}

/// Somebody's open board.
pub(super) struct Tab {
    ops: UnboundedSender<(OpId, Op)>,
    asked: usize,
    sight: watch::Receiver<Sight>,
    task: JoinHandle<Ended>,
}

/// A tab that was closed.
pub(super) struct Ended {
    /// As it was.
    pub(super) session: Session,
    /// How often each event came on its sockets, by seq.
    pub(super) events: BTreeMap<u64, u32>,
    /// Events that it asked for, because others came before them.
    pub(super) fetched: BTreeSet<u64>,
    /// The place of its first snapshot.
    pub(super) start: u64,
    /// How often the whole board had to be fetched, for whatever reason.
    pub(super) snapshots: u32,
    /// Titles that it gave: each leaves an event, where a move may lead nowhere.
    pub(super) edits: Vec<OpId>,
    /// Ops that it has refused.
    pub(super) refused: Vec<ApiError>,
}

impl Tab {
    /// Opens a board.
    pub(super) async fn open(client: &Client, project: ProjectId, way: Way) -> Self {
        let client = client.at(way.nodes[0]);
        let cookie = sign_in(&client).await;
        let snapshot = client.board(project).await;
        let start = snapshot.seq;
        let session = Session::new(snapshot, client.user().id, 0);
        let sight = Sight { seq: start, asked: 0, unconfirmed: 0, link: session.link(), sockets: 0 };
        let (ops, wanted) = unbounded_channel();
        let (shown, sight) = watch::channel(sight);
        let (heard, hearing) = unbounded_channel();
        let (events, fetched, edits, refused) = (BTreeMap::new(), BTreeSet::new(), Vec::new(), Vec::new());
        let page = Page {
            client,
            project,
            way,
            cookie,
            opened: Instant::now(),
            heard,
            requests: JoinSet::new(),
            socket: None,
            sockets: 0,
            asked: 0,
            turn: 0,
            ended: Ended { session, events, fetched, start, snapshots: 0, edits, refused },
        };
        Self { ops, asked: 0, sight, task: tokio::spawn(page.live(wanted, hearing, shown)) }
    }

    /// Does something.
    pub(super) fn submit(&mut self, op: Op) {
        self.asked += 1;
        self.ops.send((new_op(), op)).expect("the tab is open");
    }

    /// Renames a task so many times.
    pub(super) fn rename(&mut self, task_id: TaskId, times: usize) {
        for _ in 0..times {
            let title = Some(new_op().to_string());
            self.submit(Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } });
        }
    }

    /// Its ops that nothing has confirmed.
    pub(super) fn waiting(&self) -> usize {
        let sight = self.sight();
        sight.unconfirmed + self.asked - sight.asked
    }

    /// Waits until no more of its ops than this are unconfirmed.
    pub(super) async fn keeps_up(&mut self, most: usize) {
        let asked = self.asked;
        self.shows("its ops to get on", |sight| sight.asked == asked && sight.unconfirmed <= most).await;
    }

    /// What it shows now.
    pub(super) fn sight(&self) -> Sight {
        *self.sight.borrow()
    }

    /// Waits until it shows something.
    pub(super) async fn shows(&mut self, what: &str, fits: impl Fn(&Sight) -> bool) {
        let seen = timeout(PATIENCE * 2, self.sight.wait_for(fits)).await.is_ok_and(|seen| seen.is_ok());
        assert!(seen, "waited in vain for {what}: {:?}", self.sight());
    }

    /// Closes it.
    pub(super) async fn close(self) -> Ended {
        drop(self.ops);
        self.task.await.expect("a tab does not panic")
    }
}

/// What comes from outside, and from which socket.
enum Heard {
    /// An answer, or none, from this node.
    Answer(SocketAddr, Input),
    Socket(u32, Result<ServerFrame, u16>),
}

/// An open socket, or one that is on its way.
struct Line {
    node: SocketAddr,
    frames: UnboundedSender<ClientFrame>,
    task: JoinHandle<()>,
}

struct Page {
    client: Client,
    project: ProjectId,
    way: Way,
    cookie: String,
    opened: Instant,
    heard: UnboundedSender<Heard>,
    requests: JoinSet<()>,
    socket: Option<Line>,
    sockets: u32,
    asked: usize,
    turn: usize,
    ended: Ended,
}

impl Page {
    async fn live(
        mut self,
        mut wanted: UnboundedReceiver<(OpId, Op)>,
        mut hearing: UnboundedReceiver<Heard>,
        shown: watch::Sender<Sight>,
    ) -> Ended {
        self.input(Input::Tick);
        loop {
            let session = &self.ended.session;
            let (seq, unconfirmed, link) = (session.confirmed().seq(), session.unconfirmed(), session.link());
            shown.send_replace(Sight { seq, asked: self.asked, unconfirmed, link, sockets: self.sockets });
            let wake = session.wake_at().map(|at| self.opened + Duration::from_millis(at + 1) / self.way.haste);
            let tick = async {
                match wake {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                op = wanted.recv() => match op {
                    Some((op_id, op)) => self.submit(op_id, op),
                    None => return self.leave(),
                },
                Some(heard) = hearing.recv() => self.hear(heard),
                Some(done) = self.requests.join_next() => done.expect("a request does not panic"),
                () = tick => self.input(Input::Tick),
            }
        }
    }

    fn submit(&mut self, op_id: OpId, op: Op) {
        self.asked += 1;
        if matches!(&op, Op::UpdateTask { patch, .. } if patch.title.is_some()) {
            self.ended.edits.push(op_id);
        }
        self.input(Input::Submit { op_id, op });
    }

    fn leave(mut self) -> Ended {
        self.hang_up();
        self.ended
    }

    fn now(&self) -> u64 {
        (self.opened.elapsed() * self.way.haste).as_millis() as u64
    }

    fn node(&self) -> SocketAddr {
        self.way.nodes[self.turn % self.way.nodes.len()]
    }

    /// The next one is tried from now on, unless that is so already.
    fn avoid(&mut self, node: SocketAddr) {
        if self.node() == node {
            self.turn += 1;
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Answer(node, input) => {
                match &input {
                    Input::Answered { result: Err(error), .. } if error.status == 0 => self.avoid(node),
                    Input::Events(Ok(page)) => self.ended.fetched.extend(page.events.iter().map(|event| event.seq)),
                    Input::Snapshot(Ok(_)) => self.ended.snapshots += 1,
                    _ => {}
                }
                self.input(input);
            }
            Heard::Socket(number, said) if number == self.sockets && self.socket.is_some() => match said {
                Ok(frame) => {
                    match &frame {
                        ServerFrame::Event(event) => self.count(std::slice::from_ref(event)),
                        ServerFrame::Batch(batch) => self.count(&batch.events),
                        ServerFrame::Sync(sync) => self.count(&sync.events),
                        _ => {}
                    }
                    self.input(Input::Frame(frame));
                }
                Err(code) => {
                    self.hang_up();
                    self.input(Input::Closed { code });
                }
            },
            // Of a socket that was given up.
            Heard::Socket(..) => {}
        }
    }

    fn count<E: Borrow<Event>>(&mut self, events: &[E]) {
        for event in events {
            *self.ended.events.entry(event.borrow().seq).or_default() += 1;
        }
    }

    fn input(&mut self, input: Input) {
        let now = self.now();
        for effect in self.ended.session.handle(input, now, rand::random()) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        let project = self.project;
        match effect {
            Effect::Connect { epoch, since } => self.connect(&format!("epoch={epoch}&since={since}")),
            Effect::Close => self.hang_up(),
            Effect::Send(frame) => {
                if let Some(line) = &self.socket {
                    // It may have ended; that is on its way here.
                    let _ = line.frames.send(frame);
                }
            }
            Effect::Submit { op_id, request } => {
                self.ask::<Receipt>(request, Some(op_id), move |result| Input::Answered { op_id, result });
            }
            Effect::FetchEvents { epoch, since } => {
                let path = format!("/api/projects/{project}/events?epoch={epoch}&since={since}");
                self.ask(Request::new(Method::Get, path), None, Input::Events);
            }
            Effect::FetchSnapshot => {
                let path = format!("/api/projects/{project}/board");
                self.ask(Request::new(Method::Get, path), None, Input::Snapshot);
            }
            // No task is open in these tabs.
            Effect::FetchThread { .. } => {}
            Effect::Refused { error, .. } => self.ended.refused.push(error),
        }
    }

    fn hang_up(&mut self) {
        if let Some(line) = self.socket.take() {
            line.task.abort();
            self.avoid(line.node);
        }
    }

    fn connect(&mut self, cursor: &str) {
        self.sockets += 1;
        let (number, node, heard, cookie) = (self.sockets, self.node(), self.heard.clone(), self.cookie.clone());
        let path = format!("/ws/projects/{}?{cursor}", self.project);
        let (frames, mut said) = unbounded_channel::<ClientFrame>();
        let task = tokio::spawn(async move {
            let Some(mut socket) = Socket::try_open(node, &path, &[("cookie", &cookie)]).await else {
                // A page that is closed no longer listens.
                let _ = heard.send(Heard::Socket(number, Err(ABNORMAL)));
                return;
            };
            loop {
                tokio::select! {
                    frame = said.recv() => match frame {
                        Some(frame) => socket.send(serde_json::to_value(&frame).expect("JSON")).await,
                        None => return,
                    },
                    said = socket.hear() => {
                        let said = said.map_err(|code| if code == 0 { ABNORMAL } else { code });
                        let ended = said.is_err();
                        if heard.send(Heard::Socket(number, said)).is_err() || ended {
                            return;
                        }
                    }
                }
            }
        });
        self.socket = Some(Line { node, frames, task });
    }

    fn ask<T: DeserializeOwned + Send + 'static>(
        &mut self,
        request: Request,
        op_id: Option<OpId>,
        input: impl FnOnce(Result<T, ApiError>) -> Input + Send + 'static,
    ) {
        let (node, heard) = (self.node(), self.heard.clone());
        let client = self.client.at(node);
        let limit = ANSWER / self.way.haste;
        self.requests.spawn(async move {
            let answer = timeout(limit, client.ask(request, op_id)).await;
            let result = match answer {
                Ok(Ok((status, text))) => read(status, &text),
                Ok(Err(_)) | Err(_) => Err(ApiError::network()),
            };
            // A page that is closed no longer listens.
            let _ = heard.send(Heard::Answer(node, input(result)));
        });
    }
}

fn read<T: DeserializeOwned>(status: u16, text: &str) -> Result<T, ApiError> {
    if (200..300).contains(&status) {
        return Ok(serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")));
    }
    let ErrorBody { error } = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    Err(ApiError { status, ..error })
}
