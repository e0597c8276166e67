//! The clients, the network between them and the server, and the time.

use std::collections::{BTreeMap, HashMap};

use engine::{
    ApiError, Op, OpId, Placement, TaskDraft, TaskId, TaskPatch, UserId,
    session::{Effect, Input, Link, Session},
    wire::ServerFrame,
};

use crate::{
    dice::Dice,
    server::{Server, id},
};

/// How long everything may take to come to rest after the last fault, in milliseconds.
const REST_MS: u64 = 300_000;

struct Client {
    session: Session,
    me: UserId,
    /// Which of its sockets is the present one, if there is one.
    socket: Option<u64>,
    ops: HashMap<OpId, Op>,
    refused: u64,
}

enum Happening {
    Frame { client: usize, socket: u64, frame: ServerFrame },
    Answer { client: usize, input: Box<Input> },
    Broken { client: usize, socket: u64 },
}

pub(crate) struct World {
    dice: Dice,
    now: u64,
    server: Server,
    clients: Vec<Client>,
    coming: BTreeMap<(u64, u64), Happening>,
    count: u64,
    faults: bool,
}

impl World {
    pub(crate) fn new(seed: u64, clients: u64) -> Self {
        let server = Server::new();
        let clients = (0..clients)
            .map(|n| {
                let me = id(5, n);
                let session = Session::new(server.board.snapshot(), me, 0);
                Client { session, me, socket: None, ops: HashMap::new(), refused: 0 }
            })
            .collect();
        Self { dice: Dice(seed), now: 0, server, clients, coming: BTreeMap::new(), count: 0, faults: true }
    }

    /// Some gestures among faults, then peace: all has to come to rest, and everybody to see the same.
    pub(crate) fn run(mut self, gestures: u64) {
        for _ in 0..gestures {
            let client = self.dice.below(self.clients.len() as u64) as usize;
            self.gesture(client);
            let until = self.now + self.dice.below(1_500);
            self.pass(until);
            if self.dice.chance(5) {
                self.break_socket(client);
            }
        }
        self.faults = false;
        for client in 0..self.clients.len() {
            self.break_socket(client);
        }
        self.pass(self.now + REST_MS);

        let truth = self.server.board.snapshot();
        for Client { session, .. } in &self.clients {
            assert_eq!(session.link(), Link::Live);
            assert_eq!(session.unconfirmed(), 0);
            assert_eq!(session.confirmed().snapshot(), truth);
            assert_eq!(session.view().snapshot(), truth);
        }
        // What was done and what was refused is all that was wanted: nothing lost, nothing twice.
        let wanted: u64 = self.clients.iter().map(|client| client.ops.len() as u64 - client.refused).sum();
        assert_eq!(self.server.top(), wanted);
    }

    fn gesture(&mut self, client: usize) {
        self.count += 1;
        let op_id: OpId = id(6, self.count);
        let view = self.clients[client].session.view();
        let mut tasks: Vec<TaskId> = view.tasks().map(|task| task.id).collect();
        tasks.sort();
        let statuses: Vec<_> = view.statuses().iter().map(|status| status.id).collect();
        let status_id = self.dice.pick(&statuses).unwrap();
        let deleted: Vec<TaskId> = self.clients[client]
            .ops
            .values()
            .filter_map(|op| if let Op::DeleteTask { task_id } = op { Some(*task_id) } else { None })
            .filter(|id| !tasks.contains(id))
            .max()
            .into_iter()
            .collect();
        let task = self.dice.pick(&tasks);
        let op = match (self.dice.below(10), task, self.dice.pick(&deleted)) {
            (0..5, Some(task_id), _) => {
                let mut neighbour = || self.dice.pick(&tasks).filter(|id| *id != task_id);
                let (after_id, before_id) = (neighbour(), neighbour());
                let before_id = before_id.filter(|id| Some(*id) != after_id);
                Op::MoveTask { task_id, to: Placement { status_id, after_id, before_id } }
            }
            (5, Some(task_id), _) => {
                let title = Some(format!("title {}", self.count));
                Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } }
            }
            (6, Some(task_id), _) => Op::AssignTask { task_id, assignee_id: Some(self.clients[client].me) },
            (7, Some(task_id), _) => Op::DeleteTask { task_id },
            (8, _, Some(task_id)) => Op::RestoreTask { task_id },
            _ => {
                let title = format!("task {}", self.count);
                let draft = TaskDraft {
                    id: Some(id(7, self.count)),
                    title,
                    status_id: Some(status_id),
                    ..TaskDraft::default()
                };
                Op::CreateTask { project_id: id(1, 1), draft }
            }
        };
        self.clients[client].ops.insert(op_id, op.clone());
        self.input(client, Input::Submit { op_id, op });
    }

    /// Lets time pass: what is coming comes, and each session is ticked when it asked to be.
    fn pass(&mut self, until: u64) {
        loop {
            let ticks = self.clients.iter().enumerate();
            let tick = ticks.filter_map(|(n, client)| Some((client.session.wake_at()?.max(self.now), n))).min();
            let next = self.coming.keys().next().map(|(at, _)| *at);
            match (next, tick) {
                (Some(at), tick) if at <= until && tick.is_none_or(|(due, _)| at <= due) => {
                    let (key, happening) = self.coming.pop_first().unwrap();
                    self.now = key.0.max(self.now);
                    self.happen(happening);
                }
                (_, Some((due, client))) if due <= until => {
                    self.now = due;
                    self.input(client, Input::Tick);
                }
                _ => break,
            }
        }
        self.now = until;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Frame { client, socket, frame } if self.clients[client].socket == Some(socket) => {
                self.input(client, Input::Frame(frame));
            }
            Happening::Broken { client, socket } if self.clients[client].socket == Some(socket) => {
                self.break_socket(client);
            }
            Happening::Answer { client, input } => self.input(client, *input),
            Happening::Frame { .. } | Happening::Broken { .. } => {}
        }
    }

    fn break_socket(&mut self, client: usize) {
        if self.clients[client].socket.take().is_some() {
            self.input(client, Input::Closed { code: 1006 });
        }
    }

    fn input(&mut self, client: usize, input: Input) {
        let random = self.dice.roll();
        let session = &mut self.clients[client].session;
        let effects = session.handle(input, self.now, random);
        assert_eq!(*session.view(), session.replayed(), "the view is the confirmed board and what is pending");
        if let Link::Reconnecting { attempt } = session.link() {
            assert!((1..=5).contains(&attempt));
        }
        for effect in effects {
            self.carry_out(client, effect);
        }
    }

    fn carry_out(&mut self, client: usize, effect: Effect) {
        match effect {
            Effect::Connect { since, .. } => {
                self.count += 1;
                let socket = self.count;
                self.clients[client].socket = Some(socket);
                if self.faults && self.dice.chance(30) {
                    let at = self.delay(500);
                    self.come(at, Happening::Broken { client, socket });
                } else {
                    let frame = self.server.sync(since.min(self.server.top()));
                    self.send(client, socket, &frame);
                }
            }
            Effect::Close => self.clients[client].socket = None,
            Effect::Send(_) => {
                // The server answers a ping, and pings where nothing else is said.
                if let Some(socket) = self.clients[client].socket {
                    self.send(client, socket, &ServerFrame::Pong);
                }
            }
            Effect::Submit { op_id, .. } => self.request(client, move |world| {
                let Client { ops, me, .. } = &world.clients[client];
                let (op, me) = (ops[&op_id].clone(), *me);
                let (refuse, busy) = (world.faults && world.dice.chance(10), world.faults && world.dice.chance(10));
                let result = if busy {
                    Err(ApiError::new(503, "unavailable", ""))
                } else {
                    let before = world.server.top();
                    let result = world.server.submit(op_id, &op, me, refuse, world.now);
                    world.broadcast(before);
                    result
                };
                move |lost: bool| Input::Answered {
                    op_id,
                    result: if lost { Err(ApiError::network()) } else { result },
                }
            }),
            Effect::FetchEvents { since, .. } => self.request(client, move |world| {
                let page = world.server.page(since, world.now);
                move |lost: bool| Input::Events(if lost { Err(ApiError::network()) } else { Ok(page) })
            }),
            Effect::FetchSnapshot => self.request(client, move |world| {
                let snapshot = Box::new(world.server.board.snapshot());
                move |lost: bool| Input::Snapshot(if lost { Err(ApiError::network()) } else { Ok(snapshot) })
            }),
            Effect::Refused { .. } => self.clients[client].refused += 1,
        }
    }

    /// An HTTP request: served at once, answered later, or with its answer lost on the way.
    fn request<A: FnOnce(bool) -> Input>(&mut self, client: usize, serve: impl FnOnce(&mut Self) -> A) {
        let answer = serve(self);
        let lost = self.faults && self.dice.chance(20);
        let at = self.delay(400);
        self.come(at, Happening::Answer { client, input: Box::new(answer(lost)) });
    }

    fn broadcast(&mut self, after: u64) {
        let new = self.server.log.split_at(after as usize).1.iter();
        let frames: Vec<ServerFrame> = new.map(|event| ServerFrame::Event(Box::new(event.clone()))).collect();
        for frame in &frames {
            for client in 0..self.clients.len() {
                if let Some(socket) = self.clients[client].socket {
                    self.send(client, socket, frame);
                }
            }
        }
    }

    /// A frame: in peace once and in order, otherwise also not at all, twice, or overtaken.
    fn send(&mut self, client: usize, socket: u64, frame: &ServerFrame) {
        let copies = if !self.faults { 1 } else { [0, 1, 1, 1, 1, 1, 1, 1, 1, 2][self.dice.below(10) as usize] };
        for _ in 0..copies {
            let at = if self.faults { self.delay(600) } else { self.now + 5 };
            self.come(at, Happening::Frame { client, socket, frame: frame.clone() });
        }
    }

    fn delay(&mut self, most: u64) -> u64 {
        self.now + 1 + self.dice.below(most)
    }

    fn come(&mut self, at: u64, happening: Happening) {
        self.count += 1;
        self.coming.insert((at, self.count), happening);
    }
}
