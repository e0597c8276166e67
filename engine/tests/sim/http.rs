//! Requests, the transactions behind them, and how others hear of a commit: at once in the same process, over a
//! bus that promises nothing in the other one.

use engine::{
    ApiError, Change, OpId, Placement, Request, TaskId, Timestamp,
    room::{Input as RoomInput, Place},
    session::Input,
};

use crate::{database::Logged, dice::Dice, happening::Happening, plan::NODES, world::World};

/// How long a browser waits for an answer, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;
/// A note of more events than this says only that the log has grown.
const NOTE: usize = 3;

/// What a page asks for.
#[derive(Clone)]
pub(crate) enum Ask {
    Submit { op_id: OpId, request: Request },
    Events(Place),
    Snapshot,
}

impl Ask {
    /// What a page hears that hears nothing.
    fn unanswered(self, error: ApiError) -> Input {
        match self {
            Ask::Submit { op_id, .. } => Input::Answered { op_id, result: Err(error) },
            Ask::Events(_) => Input::Events(Err(error)),
            Ask::Snapshot => Input::Snapshot(Err(error)),
        }
    }
}

impl World {
    /// A page asks, whichever node is there.
    pub(crate) fn ask(&mut self, tab: usize, ask: Ask) {
        let nodes: Vec<usize> = (0..NODES).filter(|node| self.nodes[*node].up).collect();
        let (at, life) = (self.soon(80), self.tabs[tab].life);
        match self.dice.pick(&nodes) {
            Some(node) => self.come(at, Happening::Request { tab, life, node, ask: Box::new(ask) }),
            None => self.answer_at(at, tab, life, ask.unanswered(ApiError::network())),
        }
    }

    /// A request reaches a node, whatever has become of the page meanwhile.
    pub(crate) fn serve(&mut self, tab: usize, life: u64, node: usize, ask: Ask) {
        let at = self.soon(80);
        if !self.nodes[node].up {
            return self.answer_at(at, tab, life, ask.unanswered(ApiError::network()));
        }
        let user = self.tabs[tab].user;
        let unavailable = || ApiError::new(503, "unavailable", "");
        let not_found = || ApiError::new(404, "project_not_found", "");
        let down = self.database.down;
        let answer = match ask.clone() {
            _ if down => ask.clone().unanswered(unavailable()),
            Ask::Submit { .. } if self.dice.chance(self.faults.rollbacks) => ask.clone().unanswered(unavailable()),
            Ask::Submit { op_id, request } => {
                let result = self.database.write(user, op_id, &request, self.now).map(|(receipt, events)| {
                    self.committed(node, events);
                    receipt
                });
                Input::Answered { op_id, result }
            }
            Ask::Events(place) => Input::Events(self.database.events(user, place, self.now)),
            Ask::Snapshot => Input::Snapshot(self.database.snapshot(user).map(Box::new).ok_or_else(not_found)),
        };
        // A node that died over it does not answer.
        if !self.nodes[node].up || self.dice.chance(self.faults.answers_lost) {
            let at = self.soon(TIMEOUT_MS);
            return self.answer_at(at, tab, life, ask.unanswered(ApiError::network()));
        }
        self.answer_at(at, tab, life, answer);
    }

    fn answer_at(&mut self, at: u64, tab: usize, life: u64, input: Input) {
        self.come(at, Happening::Answer { tab, life, input: Box::new(input) });
    }

    /// A transaction is committed. The process may die before it has told anybody.
    pub(crate) fn committed(&mut self, node: usize, events: Vec<Logged>) {
        let (place, life) = (self.database.place(), self.nodes[node].life());
        if events.is_empty() || !self.nodes[node].up {
            return;
        }
        if let Some(ms) = self.nodes[node].kill_at_commit.take() {
            return self.kill(node, ms);
        }
        // Writers run side by side: what was committed first may be told of second.
        let at = self.now + self.dice.below(4);
        self.come(at, Happening::Publish { node, life, place, events });
    }

    /// The room here first, then the bus.
    pub(crate) fn publish(&mut self, node: usize, place: Place, events: Vec<Logged>) {
        for other in (0..NODES).filter(|other| *other != node) {
            let lost = self.dice.chance(self.faults.bus_lost);
            let copies = if lost { 0 } else { 1 + u64::from(self.dice.chance(self.faults.bus_twice)) };
            for _ in 0..copies {
                let at = self.soon(1 + self.faults.bus_delay);
                let input = if events.len() > NOTE {
                    RoomInput::Top(Some(place))
                } else {
                    RoomInput::Offer { epoch: place.epoch, events: events.clone() }
                };
                self.come(at, Happening::Heard { node: other, input });
            }
        }
        self.room(node, RoomInput::Offer { epoch: place.epoch, events });
    }

    /// Some cards change places, in one transaction.
    pub(crate) fn shuffled(&mut self, dice: &mut Dice) -> Vec<Change> {
        let at = Timestamp::from_millis(self.now as i64);
        let rows = &mut self.database.rows;
        let there = rows.tasks.values().filter(|(_, gone)| !gone);
        let tasks: Vec<TaskId> = there.map(|(task, _)| task.id).collect();
        let mut changes = Vec::new();
        for _ in 0..2 + dice.below(12) {
            let Some(task_id) = dice.pick(&tasks) else { break };
            let statuses: Vec<_> = rows.statuses.iter().map(|status| status.id).collect();
            let to = Placement { status_id: dice.pick(&statuses).unwrap(), after_id: None, before_id: None };
            let change = rows.relocate(task_id, to, at, &mut changes);
            changes.push(change);
        }
        changes
    }
}
