//! The tabs: each a real session, with a store that outlives it, and a user who does something now and then.

use engine::{
    Op, OpId, Placement, TaskDraft, TaskId, TaskPatch, UserId,
    room::Place,
    session::{Effect, Input, Link, Session, Wish},
};

use crate::{database::project, dice::Dice, happening::Happening, http::Ask, plan::TABS, world::World};

/// How long somebody waits who could not load a page, in milliseconds.
const PATIENCE_MS: u64 = 3_000;

pub(crate) struct Tab {
    pub(crate) user: UserId,
    /// Closed; otherwise it is there, or tries to be.
    pub(crate) shut: bool,
    pub(crate) session: Option<Session>,
    /// Which of its pages this is: answers to an earlier one go nowhere.
    pub(crate) life: u64,
    pub(crate) socket: Option<u64>,
    /// What the browser has stored.
    pub(crate) kept: Vec<Wish>,
    /// What the server says is done, and where the log shows it.
    answered: Vec<(OpId, Place)>,
    /// What came while the lid was closed.
    asleep: Option<Vec<Input>>,
    tick_at: Option<u64>,
}

impl Tab {
    pub(crate) fn new(user: UserId) -> Self {
        let (kept, answered) = (Vec::new(), Vec::new());
        Self { user, shut: true, session: None, life: 0, socket: None, kept, answered, asleep: None, tick_at: None }
    }

    pub(crate) fn lives(&self, life: u64) -> bool {
        !self.shut && self.life == life
    }
}

impl World {
    pub(crate) fn open(&mut self, tab: usize) {
        if self.tabs[tab].shut {
            self.tabs[tab].shut = false;
            self.load_soon(tab, 1);
        }
    }

    pub(crate) fn reload(&mut self, tab: usize) {
        if !self.tabs[tab].shut {
            self.leave(tab);
            self.load_soon(tab, 1);
        }
    }

    /// Closes a tab. Its neighbour finds what it had left to do.
    pub(crate) fn shut(&mut self, tab: usize) {
        if self.tabs[tab].shut {
            return;
        }
        self.leave(tab);
        self.tabs[tab].shut = true;
        let neighbour = (tab ^ 1) % TABS;
        if self.tabs[neighbour].session.is_some() {
            let kept = std::mem::take(&mut self.tabs[tab].kept);
            self.tabs[neighbour].session.as_mut().unwrap().resume(kept);
            self.input(neighbour, Input::Tick);
        }
    }

    fn leave(&mut self, tab: usize) {
        let it = &mut self.tabs[tab];
        it.life += 1;
        (it.session, it.asleep) = (None, None);
        it.answered.clear();
        if let Some(socket) = it.socket.take() {
            let at = self.soon(80);
            self.come(at, Happening::ClosedByTab { socket });
        }
    }

    fn load_soon(&mut self, tab: usize, least: u64) {
        let (at, life) = (self.soon(200) + least, self.tabs[tab].life);
        self.come(at, Happening::Load { tab, life });
    }

    /// The page comes, with the board in it.
    pub(crate) fn load(&mut self, tab: usize) {
        let user = self.tabs[tab].user;
        let there = !self.database.down && self.nodes.iter().any(|node| node.up);
        match self.database.snapshot(user).filter(|_| there) {
            Some(snapshot) => {
                let mut session = Session::new(snapshot, user, self.now);
                session.resume(self.tabs[tab].kept.clone());
                self.tabs[tab].session = Some(session);
                self.input(tab, Input::Tick);
            }
            None => self.load_soon(tab, PATIENCE_MS),
        }
    }

    pub(crate) fn sleep(&mut self, tab: usize, ms: u64) {
        let it = &mut self.tabs[tab];
        if it.session.is_some() && it.asleep.is_none() {
            it.asleep = Some(Vec::new());
            let life = it.life;
            self.come(self.now + ms, Happening::Awake { tab, life });
        }
    }

    pub(crate) fn awake(&mut self, tab: usize) {
        if let Some(inputs) = self.tabs[tab].asleep.take() {
            self.input(tab, Input::Woken);
            for input in inputs {
                self.input(tab, input);
            }
        }
    }

    pub(crate) fn tick_tab(&mut self, tab: usize) {
        self.tabs[tab].tick_at = None;
        if self.tabs[tab].asleep.is_none() {
            self.input(tab, Input::Tick);
        }
    }

    /// Passes something in to a tab's session, if it has one, and does what it says.
    pub(crate) fn input(&mut self, tab: usize, input: Input) {
        let random = self.dice.roll();
        let it = &mut self.tabs[tab];
        if let Some(inputs) = &mut it.asleep {
            return inputs.push(input);
        }
        let Some(session) = &mut it.session else { return };
        let answer = if let Input::Answered { op_id, result } = &input { Some((*op_id, result.clone())) } else { None };
        let before = place(session);
        let effects = session.handle(input, self.now, random);
        it.kept = session.wishes().cloned().collect();
        let after = place(session);
        match answer {
            Some((op_id, Ok(receipt))) => {
                it.answered.push((op_id, Place { seq: receipt.seq, ..after }));
                self.oracle.acknowledged(op_id);
            }
            Some((op_id, Err(_))) if effects.iter().any(|effect| matches!(effect, Effect::Refused { .. })) => {
                self.oracle.refused(op_id);
            }
            _ => {}
        }
        it.answered.retain(|(_, at)| at.epoch == after.epoch && at.seq > after.seq);
        self.oracle.session(session, before, &it.answered);
        let state = after.seq << 16 | (session.unconfirmed() as u64) << 8 | effects.len() as u64;
        self.note(state);
        for effect in effects {
            self.carry_out_of_tab(tab, effect);
        }
        let it = &mut self.tabs[tab];
        let Some(session) = &it.session else { return };
        if session.link() == Link::NoAccess {
            // The page says so. Its user looks again now and then.
            self.leave(tab);
            return self.load_soon(tab, PATIENCE_MS);
        }
        if let Some(wake) = session.wake_at()
            && it.tick_at.is_none_or(|at| wake < at)
        {
            it.tick_at = Some(wake);
            self.come(wake, Happening::TickTab { tab });
        }
    }

    fn carry_out_of_tab(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::Connect { epoch, since } => {
                self.tabs[tab].socket = Some(self.connect(tab, Place { epoch, seq: since }));
            }
            Effect::Close => {
                if let Some(socket) = self.tabs[tab].socket.take() {
                    let at = self.soon(80);
                    self.come(at, Happening::ClosedByTab { socket });
                }
            }
            Effect::Send(_) => {
                if let Some(socket) = self.tabs[tab].socket {
                    let at = self.soon(80);
                    self.come(at, Happening::Up { socket });
                }
            }
            Effect::Submit { op_id, request } => self.ask(tab, Ask::Submit { op_id, request }),
            Effect::FetchEvents { epoch, since } => self.ask(tab, Ask::Events(Place { epoch, seq: since })),
            Effect::FetchSnapshot => self.ask(tab, Ask::Snapshot),
            Effect::Refused { .. } => {}
        }
    }

    /// The user does something with what they see.
    pub(crate) fn gesture(&mut self, tab: usize, dice: &mut Dice) {
        let op_id = self.fresh();
        let Some(session) = self.tabs[tab].session.as_ref().filter(|_| self.tabs[tab].asleep.is_none()) else { return };
        let view = session.view();
        let mut tasks: Vec<TaskId> = view.tasks().map(|task| task.id).collect();
        tasks.sort();
        let statuses: Vec<_> = view.statuses().iter().map(|status| status.id).collect();
        let status_id = dice.pick(&statuses).unwrap();
        let deleted: Vec<TaskId> = self.oracle.deleted_in(tab).into_iter().filter(|id| !tasks.contains(id)).collect();
        let task = dice.pick(&tasks);
        let op = match (dice.below(12), task, dice.pick(&deleted)) {
            (0..6, Some(task_id), _) => {
                let mut neighbour = || dice.pick(&tasks).filter(|id| *id != task_id);
                let (after_id, before_id) = (neighbour(), neighbour());
                let before_id = before_id.filter(|id| Some(*id) != after_id);
                Op::MoveTask { task_id, to: Placement { status_id, after_id, before_id } }
            }
            (6, Some(task_id), _) => {
                let title = Some(format!("title {}", dice.below(1_000)));
                Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } }
            }
            (7, Some(task_id), _) => Op::AssignTask { task_id, assignee_id: Some(self.tabs[tab].user) },
            (8, Some(task_id), _) => Op::DeleteTask { task_id },
            (9, _, Some(task_id)) => Op::RestoreTask { task_id },
            _ => {
                let title = format!("task {}", dice.below(1_000));
                let (id, status_id) = (Some(TaskId::new(op_id.uuid())), Some(status_id));
                let draft = TaskDraft { id, title, status_id, ..TaskDraft::default() };
                Op::CreateTask { project_id: project(), draft }
            }
        };
        self.oracle.wished(op_id, tab, &op);
        self.input(tab, Input::Submit { op_id, op });
    }
}

fn place(session: &Session) -> Place {
    Place { epoch: session.confirmed().epoch(), seq: session.confirmed().seq() }
}
