//! Drives a tab's session: sockets, requests and time.

use std::{
    borrow::Borrow,
    future::pending,
    net::SocketAddr,
    time::{Duration, Instant},
};

use engine::{
    ApiError, Event, Op, OpId, ProjectId, Request,
    error::ErrorBody,
    request::Method,
    session::{Receipt, SessionEffect, SessionInput},
    wire::ServerFrame,
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinSet,
    time::{sleep_until, timeout},
};

use super::{Ended, Sight, Way, client_socket::TabSocket};
use crate::harness::Client;

/// How long a browser waits for a response.
const ANSWER: Duration = Duration::from_secs(20);

/// External input, with the socket it came from.
enum Heard {
    /// The result of a request to this node.
    Answer(SocketAddr, SessionInput),
    Socket(u32, Result<ServerFrame, u16>),
}

/// The page of a tab: executes the effects of its session.
pub(super) struct Page {
    client: Client,
    project: ProjectId,
    way: Way,
    cookie: String,
    opened: Instant,
    heard: UnboundedSender<Heard>,
    hearing: UnboundedReceiver<Heard>,
    requests: JoinSet<()>,
    socket: Option<TabSocket>,
    sockets: u32,
    asked: usize,
    turn: usize,
    ended: Ended,
}

impl Page {
    /// A page with this board, signed in by this cookie.
    pub(super) fn new(client: Client, cookie: String, project: ProjectId, way: Way, ended: Ended) -> Self {
        let (heard, hearing) = unbounded_channel();
        Self {
            client,
            project,
            way,
            cookie,
            opened: Instant::now(),
            heard,
            hearing,
            requests: JoinSet::new(),
            socket: None,
            sockets: 0,
            asked: 0,
            turn: 0,
            ended,
        }
    }

    /// Runs until all of its handles are dropped.
    pub(super) async fn live(
        mut self,
        mut wanted: UnboundedReceiver<(OpId, Op)>,
        shown: watch::Sender<Sight>,
    ) -> Ended {
        self.input(SessionInput::Tick);
        loop {
            let session = &self.ended.session;
            let (seq, unconfirmed, link) = (session.confirmed().seq(), session.unconfirmed(), session.link());
            shown.send_replace(Sight { seq, asked: self.asked, unconfirmed, link, sockets: self.sockets });
            let wake = session.wake_at().map(|at| self.opened + Duration::from_millis(at + 1) / self.way.haste);
            let tick = async {
                match wake {
                    Some(at) => sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                op = wanted.recv() => match op {
                    Some((op_id, op)) => self.submit(op_id, op),
                    None => return self.ended,
                },
                Some(heard) = self.hearing.recv() => self.hear(heard),
                Some(done) = self.requests.join_next() => done.expect("a request does not panic"),
                () = tick => self.input(SessionInput::Tick),
            }
        }
    }

    fn submit(&mut self, op_id: OpId, op: Op) {
        self.asked += 1;
        if matches!(&op, Op::UpdateTask { patch, .. } if patch.title.is_some()) {
            self.ended.edits.push(op_id);
        }
        self.input(SessionInput::Submit { op_id, op });
    }

    fn now(&self) -> u64 {
        (self.opened.elapsed() * self.way.haste).as_millis() as u64
    }

    fn node(&self) -> SocketAddr {
        self.way.nodes[self.turn % self.way.nodes.len()]
    }

    /// Switches to the next node, unless that has happened already.
    fn avoid(&mut self, node: SocketAddr) {
        if self.node() == node {
            self.turn += 1;
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Answer(node, input) => {
                match &input {
                    SessionInput::Answered { result: Err(error), .. } if error.status == 0 => self.avoid(node),
                    SessionInput::Events(Ok(page)) => {
                        self.ended.fetched.extend(page.events.iter().map(|event| event.seq))
                    }
                    SessionInput::Snapshot(Ok(_)) => self.ended.snapshots += 1,
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
                    self.input(SessionInput::Frame(frame));
                }
                Err(code) => {
                    self.hang_up();
                    self.input(SessionInput::Closed { code });
                }
            },
            // From an abandoned socket.
            Heard::Socket(..) => {}
        }
    }

    fn count<E: Borrow<Event>>(&mut self, events: &[E]) {
        for event in events {
            *self.ended.events.entry(event.borrow().seq).or_default() += 1;
        }
    }

    fn input(&mut self, input: SessionInput) {
        let now = self.now();
        for effect in self.ended.session.handle(input, now, rand::random()) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: SessionEffect) {
        let project = self.project;
        match effect {
            SessionEffect::Connect(from) => self.connect(&from.to_string()),
            SessionEffect::Close => self.hang_up(),
            SessionEffect::Send(frame) => {
                if let Some(socket) = &self.socket {
                    socket.send(frame);
                }
            }
            SessionEffect::Submit { op_id, request } => {
                self.ask::<Receipt>(request, Some(op_id), move |result| SessionInput::Answered { op_id, result });
            }
            SessionEffect::FetchEvents(from) => {
                let path = format!("/api/projects/{project}/events?{from}");
                self.ask(Request::new(Method::Get, path), None, SessionInput::Events);
            }
            SessionEffect::FetchSnapshot => {
                let path = format!("/api/projects/{project}/board");
                self.ask(Request::new(Method::Get, path), None, SessionInput::Snapshot);
            }
            // No task is open in these tabs.
            SessionEffect::FetchThread { .. } | SessionEffect::FetchAround { .. } => {}
            SessionEffect::Refused { error, .. } => self.ended.refused.push(error),
        }
    }

    fn hang_up(&mut self) {
        if let Some(socket) = self.socket.take() {
            self.avoid(socket.node());
        }
    }

    fn connect(&mut self, cursor: &str) {
        self.sockets += 1;
        let (number, heard) = (self.sockets, self.heard.clone());
        let path = format!("/ws/projects/{}?{cursor}", self.project);
        // The receiver is gone once the page is closed.
        let hear = move |said| heard.send(Heard::Socket(number, said)).is_ok();
        self.socket = Some(TabSocket::open(self.node(), path, self.cookie.clone(), hear));
    }

    fn ask<T: DeserializeOwned + Send + 'static>(
        &mut self,
        request: Request,
        op_id: Option<OpId>,
        input: impl FnOnce(Result<T, ApiError>) -> SessionInput + Send + 'static,
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
            // The receiver is gone once the page is closed.
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
