//! Requests, their transactions, and the publication of commits: at once in the same process, over an unreliable bus to
//! the other.

use engine::{
    ApiError, OpId, Request,
    room::{LogPlace, RoomInput},
    session::SessionInput,
    wire::LogPosition,
};

use crate::{plan::NODES, rows::Logged, scheduled::Scheduled, world::World};

/// How long a browser waits for an answer, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;
/// A bus message for more events than this only says that the log has grown.
const NOTE: usize = 3;

/// A request of a page.
#[derive(Clone)]
pub(crate) enum Ask {
    Submit { op_id: OpId, request: Request },
    Events(LogPosition),
    Snapshot,
}

impl Ask {
    /// The input of a page that gets no answer.
    fn unanswered(self, error: ApiError) -> SessionInput {
        match self {
            Ask::Submit { op_id, .. } => SessionInput::Answered { op_id, result: Err(error) },
            Ask::Events(_) => SessionInput::Events(Err(error)),
            Ask::Snapshot => SessionInput::Snapshot(Err(error)),
        }
    }
}

/// The sender of a request: the page at the time of sending.
#[derive(Clone, Copy)]
pub(crate) struct From {
    tab: usize,
    generation: u64,
    board: usize,
    session: Option<u64>,
}

impl World {
    /// Sends a page's request to any node that is up.
    pub(crate) fn ask(&mut self, tab: usize, ask: Ask) {
        let nodes: Vec<usize> = (0..NODES).filter(|node| self.nodes[*node].up).collect();
        let session = self.browser(tab).session;
        let from = From { tab, generation: self.tabs[tab].generation, board: self.tabs[tab].board, session };
        let at = self.soon(80);
        match self.dice.pick(&nodes) {
            Some(node) => self.schedule(at, Scheduled::Request { from, node, ask: Box::new(ask) }),
            None => self.answer_at(at, from, ask.unanswered(ApiError::network())),
        }
    }

    /// Serves a request at a node, even if its page has ended.
    pub(crate) fn serve(&mut self, from: From, node: usize, ask: Ask) {
        let at = self.soon(80);
        // Half of the unanswered requests do not even arrive.
        if !self.nodes[node].up || self.dice.chance(self.faults.answers_lost / 2) {
            return self.answer_at(at, from, ask.unanswered(ApiError::network()));
        }
        let From { board, .. } = from;
        let user = self.tabs[from.tab].user;
        let unavailable = || ApiError::new(503, "unavailable", "");
        let not_found = || ApiError::new(404, "project_not_found", "");
        let down = self.database.down;
        let signed_in = from.session.is_some_and(|session| self.database.accounts.ended(session).is_none());
        let answer = match ask.clone() {
            _ if down => ask.clone().unanswered(unavailable()),
            _ if !signed_in => ask.clone().unanswered(ApiError::new(401, "not_signed_in", "")),
            Ask::Submit { .. } if self.dice.chance(self.faults.rollbacks) => ask.clone().unanswered(unavailable()),
            Ask::Submit { op_id, request } => {
                let written = self.database.write(user, op_id, &request, self.now);
                let result = written.map(|(receipt, board, events)| {
                    self.committed(node, board, events);
                    receipt
                });
                SessionInput::Answered { op_id, result }
            }
            Ask::Events(from) => {
                let page = self.database.events(board, user, from, self.now);
                if self.database.contradicts(board, from) && self.may_rotate(node, board, user) {
                    self.rotated(node, board, user);
                    self.rotate_epoch(board, from.epoch);
                }
                SessionInput::Events(page)
            }
            Ask::Snapshot => {
                SessionInput::Snapshot(self.database.snapshot(board, user).map(Box::new).ok_or_else(not_found))
            }
        };
        // A node that was killed meanwhile does not answer.
        if !self.nodes[node].up || self.dice.chance(self.faults.answers_lost / 2) {
            let at = self.soon(TIMEOUT_MS);
            return self.answer_at(at, from, ask.unanswered(ApiError::network()));
        }
        self.answer_at(at, from, answer);
    }

    fn answer_at(&mut self, at: u64, From { tab, generation, .. }: From, input: SessionInput) {
        self.schedule(at, Scheduled::Answer { tab, generation, input: Box::new(input) });
    }

    /// Handles a commit. The process may be killed before it publishes it.
    pub(crate) fn committed(&mut self, node: usize, board: usize, events: Vec<Logged>) {
        let (place, generation) = (self.database.place(board), self.nodes[node].generation());
        if events.is_empty() {
            return;
        }
        self.database.remember(board);
        if !self.nodes[node].up {
            return;
        }
        if let Some(ms) = self.nodes[node].kill_at_commit.take() {
            return self.kill(node, ms);
        }
        // Writers run concurrently: commits may be published out of order.
        let at = self.now + self.dice.below(4);
        self.schedule(at, Scheduled::Publish { node, generation, board, place, events });
    }

    /// Publishes to the local room, then to the bus.
    pub(crate) fn publish(&mut self, node: usize, board: usize, place: LogPlace, events: Vec<Logged>) {
        for other in (0..NODES).filter(|other| *other != node) {
            let lost = self.dice.chance(self.faults.bus_lost);
            let copies = if lost { 0 } else { 1 + u64::from(self.dice.chance(self.faults.bus_twice)) };
            for _ in 0..copies {
                let at = self.soon(1 + self.faults.bus_delay);
                let input = if events.len() > NOTE {
                    RoomInput::LogEnd(Some(place))
                } else {
                    RoomInput::Offer { epoch: place.epoch, events: events.clone() }
                };
                self.schedule(at, Scheduled::BusDelivery { node: other, board, input });
            }
        }
        self.room(node, board, RoomInput::Offer { epoch: place.epoch, events });
    }
}
