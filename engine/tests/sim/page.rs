//! A page that shows a board: a real session, and a real end of its browser's shared connection. This stands in for
//! `frontend::board` and `frontend::tab_connection`.

use std::collections::VecDeque;

use engine::{
    OpId,
    room::LogPlace,
    session::{
        Link, Session, SessionEffect, SessionInput, SharedSocket, SharedSocketEffect, SharedSocketInput,
        tabs::TabMessage,
    },
    wire::ServerFrame,
};

use crate::{http::Ask, requests::Requests, scheduled::Scheduled, tab::PATIENCE_MS, world::World};

/// Interval to which timers of a hidden tab are throttled, in milliseconds.
const THROTTLED_MS: u64 = 1_000;

pub(crate) struct Page {
    pub(crate) session: Session,
    pub(crate) shared: SharedSocket,
    pub(crate) socket: Option<u64>,
    /// Counts the lock requests: a lock granted to any but the last is released.
    pub(crate) lock_request: u64,
    /// Whether the page has the lock.
    pub(crate) held: bool,
    inbox: VecDeque<SessionInput>,
    /// Whether the inbox is being drained.
    busy: bool,
    requests: Requests,
    /// Ops that the server has answered, and where the log shows them.
    answered: Vec<(OpId, LogPlace)>,
}

impl Page {
    pub(crate) fn new(session: Session, shared: SharedSocket) -> Self {
        let (inbox, requests, answered) = (VecDeque::new(), Requests::default(), Vec::new());
        Self { session, shared, socket: None, lock_request: 0, held: false, inbox, busy: false, requests, answered }
    }

    pub(crate) fn place(&self) -> LogPlace {
        LogPlace { epoch: self.session.confirmed().epoch(), seq: self.session.confirmed().seq() }
    }
}

impl World {
    /// Passes an input to a tab's session, if there is one, and carries out its effects.
    pub(crate) fn input(&mut self, tab: usize, input: SessionInput) {
        let Some(page) = &mut self.tabs[tab].page else { return };
        page.inbox.push_back(input);
        if std::mem::replace(&mut page.busy, true) {
            return;
        }
        while let Some(input) = self.tabs[tab].page.as_mut().and_then(|page| page.inbox.pop_front()) {
            self.handle(tab, input);
        }
        let Some(page) = &mut self.tabs[tab].page else { return };
        page.busy = false;
        let link = page.session.link();
        if link.is_final() {
            self.shared_input(tab, SharedSocketInput::End);
        }
        self.keep(tab);
        match link {
            Link::NoAccess => {
                // The page shows that. Its user retries now and then.
                self.leave(tab);
                self.load_soon(tab, PATIENCE_MS);
            }
            Link::SignedOut if self.signed_in(tab) => self.revisit(tab),
            _ => self.arm(tab),
        }
    }

    fn handle(&mut self, tab: usize, input: SessionInput) {
        let random = self.dice.roll();
        let answer =
            if let SessionInput::Answered { op_id, result } = &input { Some((*op_id, result.clone())) } else { None };
        let page = self.tabs[tab].page.as_mut().unwrap();
        let before = page.place();
        let doubts = page.requests.answered(&input, before, self.now);
        let effects = page.session.handle(input, self.now, random);
        page.requests.requested(&page.session, &effects, doubts);
        let after = page.place();
        match answer {
            Some((op_id, Ok(receipt))) => {
                page.answered.retain(|(before, _)| *before != op_id);
                page.answered.push((op_id, LogPlace { seq: receipt.seq, ..after }));
                self.oracle.acknowledged(op_id);
            }
            Some((op_id, Err(error)))
                if effects.iter().any(|effect| matches!(effect, SessionEffect::Refused { .. })) =>
            {
                assert_ne!(error.status, 401, "refused for being signed out");
                assert!(
                    !error.is_temporary() || error.has_looked(),
                    "refused by a server that has not looked: {error}"
                );
                self.oracle.refused(op_id);
            }
            _ => {}
        }
        let may_be_lost = self.oracle.went_back(after.epoch);
        page.answered.retain(|(_, at)| at.epoch == after.epoch && at.seq > after.seq && !may_be_lost);
        self.oracle.session(&page.session, before, &page.answered);
        let rejected = page.session.take_rejected().map(|(rejected, _)| rejected.to_vec()).unwrap_or_default();
        let state = after.seq << 16 | (page.session.unconfirmed() as u64) << 8 | effects.len() as u64;
        self.record(state);
        for effect in effects {
            self.carry_out_of_session(tab, effect);
        }
        self.decide(tab, rejected);
    }

    fn carry_out_of_session(&mut self, tab: usize, effect: SessionEffect) {
        match effect {
            // The position is taken when the socket opens.
            SessionEffect::Connect(_) => self.shared_input(tab, SharedSocketInput::Connect),
            SessionEffect::Close => self.shared_input(tab, SharedSocketInput::Close),
            SessionEffect::Send(frame) => self.shared_input(tab, SharedSocketInput::Send(frame)),
            SessionEffect::Submit { op_id, request } => self.ask(tab, Ask::Submit { op_id, request }),
            SessionEffect::FetchEvents(from) => self.ask(tab, Ask::Events(from)),
            SessionEffect::FetchSnapshot => self.ask(tab, Ask::Snapshot),
            // The simulation opens no tasks.
            SessionEffect::FetchThread { .. } | SessionEffect::FetchAround { .. } | SessionEffect::Refused { .. } => {}
        }
    }

    /// Passes an input to a tab's end of the connection, if there is one, and carries out its effects.
    pub(crate) fn shared_input(&mut self, tab: usize, input: SharedSocketInput) {
        let Some(page) = &mut self.tabs[tab].page else { return };
        let effects = page.shared.handle(input, self.now);
        self.carry_out_of_shared(tab, effects);
        self.arm(tab);
    }

    pub(crate) fn carry_out_of_shared(&mut self, tab: usize, effects: Vec<SharedSocketEffect>) {
        for effect in effects {
            // The session may end the page.
            let Some(page) = &mut self.tabs[tab].page else { return };
            match effect {
                SharedSocketEffect::Ask { steal } => self.ask_for_lock(tab, steal),
                SharedSocketEffect::Release => self.release(tab),
                SharedSocketEffect::Open => {
                    let from = page.session.position();
                    let socket = self.connect(tab, from);
                    let before = self.tabs[tab].page.as_mut().unwrap().socket.replace(socket);
                    self.drop_socket(before);
                }
                SharedSocketEffect::Shut => {
                    let socket = page.socket.take();
                    self.drop_socket(socket);
                }
                SharedSocketEffect::Write(frame) => {
                    if let Some(socket) = page.socket {
                        let at = self.soon(80);
                        self.schedule(at, Scheduled::Up { socket, frame });
                    }
                }
                SharedSocketEffect::Post(to, said) => self.post(tab, to, said),
                SharedSocketEffect::Greet(to) => {
                    let said = page.session.greeting().map_or(TabMessage::Opening, TabMessage::Frame);
                    self.post(tab, Some(to), said);
                }
                // A browser reports the end of every tab.
                SharedSocketEffect::Watch(_) => {}
                SharedSocketEffect::Frame(text) => {
                    self.input(tab, SessionInput::Frame(ServerFrame::parse(&text).unwrap()))
                }
                SharedSocketEffect::Closed(code) => self.input(tab, SessionInput::Closed { code }),
                SharedSocketEffect::Woken => self.input(tab, SessionInput::Woken),
                SharedSocketEffect::Retry => self.input(tab, SessionInput::Retry),
            }
        }
    }

    fn drop_socket(&mut self, socket: Option<u64>) {
        if let Some(socket) = socket {
            let at = self.soon(80);
            self.schedule(at, Scheduled::ClosedByTab { socket });
        }
    }

    /// Sets the timer, if the current one fires too late.
    fn arm(&mut self, tab: usize) {
        let it = &mut self.tabs[tab];
        let Some(page) = &it.page else { return };
        let Some(wake) = [page.session.wake_at(), page.shared.wake_at()].into_iter().flatten().min() else { return };
        let wake = if it.hidden { wake.next_multiple_of(THROTTLED_MS) } else { wake };
        if it.tick_at.is_none_or(|at| wake < at) {
            it.tick_at = Some(wake);
            self.schedule(wake, Scheduled::TickTab { tab });
        }
    }
}
