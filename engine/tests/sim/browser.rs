//! A user's browser: its locks, the messages between its tabs, and its storage.

use std::collections::{BTreeMap, VecDeque};

use engine::{
    OpId, Snapshot, TabId,
    session::{
        PersistedQueue, SessionInput, SharedSocketInput,
        tabs::{TabEnvelope, TabMessage},
    },
};

use crate::{
    plan::{BOARDS, TABS},
    scheduled::Scheduled,
    tab::{Signal, Tab},
    world::World,
};

/// Longest delay of a message between tabs without faults, in milliseconds.
const CHANNEL_MS: u64 = 10;
/// Longest delay until a lock is granted or the end of a tab is reported, in milliseconds.
const LOCK_MS: u64 = 20;

#[derive(Default)]
pub(crate) struct Browser {
    /// Whether it has locks, so that its tabs share sockets.
    pub(crate) shares: bool,
    /// The session of its cookie.
    pub(crate) session: Option<u64>,
    locks: Vec<Lock>,
    /// When the last message between tabs arrives.
    last: u64,
    /// Stored queues, by board, document and page generation.
    queues: BTreeMap<(usize, u64, u64), PersistedQueue>,
    /// Stored boards, with the time when each was current.
    stored: BTreeMap<usize, (Snapshot, u64)>,
}

/// The lock of one board's connection.
#[derive(Default)]
struct Lock {
    holder: Option<Asked>,
    waiting: VecDeque<Asked>,
}

/// A page's request for a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asked {
    tab: usize,
    generation: u64,
    lock_request: u64,
}

impl Browser {
    pub(crate) fn new(shares: bool) -> Self {
        Self { shares, locks: (0..BOARDS).map(|_| Lock::default()).collect(), ..Self::default() }
    }

    /// Whether an op is stored.
    pub(crate) fn keeps(&self, op_id: OpId) -> bool {
        self.queues.values().flat_map(|queue| &queue.pending_ops).any(|op| op.op_id == op_id)
    }

    /// Whether a queue of a board is stored.
    pub(crate) fn has_stored(&self, board: usize) -> bool {
        self.queues.keys().any(|(of, ..)| *of == board)
    }
}

impl World {
    pub(crate) fn browser(&self, tab: usize) -> &Browser {
        &self.browsers[tab / 2]
    }

    fn lock(&mut self, tab: usize) -> &mut Lock {
        &mut self.browsers[tab / 2].locks[self.tabs[tab].board]
    }

    pub(crate) fn ask_for_lock(&mut self, tab: usize, steal: bool) {
        let it = &mut self.tabs[tab];
        let page = it.page.as_mut().unwrap();
        page.lock_request += 1;
        let asked = Asked { tab, generation: it.generation, lock_request: page.lock_request };
        let lock = self.lock(tab);
        if !steal {
            lock.waiting.push_back(asked);
            return self.grant(tab);
        }
        if let Some(Asked { tab, generation, lock_request }) = lock.holder.replace(asked) {
            self.signal_soon(tab, generation, Signal::LockStolen { lock_request });
        }
        self.signal_soon(tab, asked.generation, Signal::Granted { lock_request: asked.lock_request });
    }

    /// Grants the lock of a tab's board to the next request.
    fn grant(&mut self, tab: usize) {
        let lock = self.lock(tab);
        if lock.holder.is_none()
            && let Some(Asked { tab, generation, lock_request }) = lock.waiting.pop_front()
        {
            lock.holder = Some(Asked { tab, generation, lock_request });
            self.signal_soon(tab, generation, Signal::Granted { lock_request });
        }
    }

    pub(crate) fn granted(&mut self, tab: usize, lock_request: u64) {
        let Some(page) = &mut self.tabs[tab].page else { return };
        if page.lock_request == lock_request {
            page.held = true;
            self.shared_input(tab, SharedSocketInput::Granted);
        } else {
            let asked = Asked { tab, generation: self.tabs[tab].generation, lock_request };
            self.free(tab, |holder| holder == asked);
        }
    }

    pub(crate) fn lock_stolen(&mut self, tab: usize, lock_request: u64) {
        let Some(page) = &mut self.tabs[tab].page else { return };
        if page.lock_request == lock_request {
            page.held = false;
            self.shared_input(tab, SharedSocketInput::LockStolen);
        }
    }

    pub(crate) fn release(&mut self, tab: usize) {
        let generation = self.tabs[tab].generation;
        let page = self.tabs[tab].page.as_mut().unwrap();
        page.lock_request += 1;
        if std::mem::take(&mut page.held) {
            self.free(tab, |holder| (holder.tab, holder.generation) == (tab, generation));
        }
    }

    /// Releases the locks of a page that has ended.
    pub(crate) fn unlock(&mut self, tab: usize) {
        let generation = self.tabs[tab].generation;
        let of_page = |asked: &Asked| (asked.tab, asked.generation) == (tab, generation);
        self.lock(tab).waiting.retain(|asked| !of_page(asked));
        self.free(tab, |holder| of_page(&holder));
    }

    fn free(&mut self, tab: usize, whose: impl Fn(Asked) -> bool) {
        let lock = self.lock(tab);
        if lock.holder.is_some_and(whose) {
            lock.holder = None;
        }
        self.grant(tab);
    }

    fn signal_soon(&mut self, tab: usize, generation: u64, signal: Signal) {
        let at = self.soon(LOCK_MS);
        self.schedule(at, Scheduled::Signal { tab, generation, signal });
    }

    /// The other tabs of a browser.
    fn others(&self, tab: usize) -> Vec<usize> {
        (0..TABS).filter(|other| *other != tab && other / 2 == tab / 2).collect()
    }

    /// Sends a message to the browser's other tabs with the same board.
    pub(crate) fn post(&mut self, tab: usize, to: Option<TabId>, said: TabMessage) {
        let message = TabEnvelope { from: self.tabs[tab].id(), to, said };
        let at = self.soon(CHANNEL_MS + self.faults.channel_delay).max(self.browser(tab).last);
        self.browsers[tab / 2].last = at;
        for other in self.others(tab) {
            if self.tabs[other].page.is_some() && self.tabs[other].board == self.tabs[tab].board {
                let (generation, signal) = (self.tabs[other].generation, Signal::TabMessage(message.clone()));
                self.schedule(at, Scheduled::Signal { tab: other, generation, signal });
            }
        }
    }

    /// Reports the end of a document to the other tabs.
    pub(crate) fn gone(&mut self, tab: usize, document: u64) {
        let others = if self.browser(tab).shares { self.others(tab) } else { Vec::new() };
        for other in others {
            let generation = self.tabs[other].generation;
            self.signal_soon(other, generation, Signal::Gone { document });
        }
    }

    /// Stores a page's queue and board.
    pub(crate) fn keep(&mut self, tab: usize) {
        self.keep_board(tab);
        let it = &mut self.tabs[tab];
        let Some(queue) = it.page.as_mut().and_then(|page| page.session.take_persisted_queue()) else { return };
        let (key, queues) = ((it.board, it.document, it.generation), &mut self.browsers[tab / 2].queues);
        if queue.is_empty() {
            queues.remove(&key);
        } else {
            queues.insert(key, queue);
        }
    }

    /// Stores the board that a page shows, if the plan can make a log go back before it.
    fn keep_board(&mut self, tab: usize) {
        let it = &self.tabs[tab];
        let Some(session) = it.page.as_ref().map(|page| &page.session).filter(|_| self.database.loses()) else {
            return;
        };
        let (Some(at), place, stored) = (session.as_of(), session.position(), &mut self.browsers[tab / 2].stored)
        else {
            return;
        };
        let known = stored.get(&it.board).map(|(board, _)| (board.epoch, board.seq, board.last));
        if known != Some((place.epoch, place.since, place.last)) {
            stored.insert(it.board, (session.confirmed().snapshot(), at));
        }
    }

    /// Gives a page the stored board.
    pub(crate) fn find_board(&mut self, tab: usize) {
        let board = self.tabs[tab].board;
        if let Some((snapshot, at)) = self.browser(tab).stored.get(&board).cloned() {
            self.input(tab, SessionInput::Stored { snapshot: Box::new(snapshot), at });
        }
    }

    /// Takes over the queues of this board left by a document, or by all that have ended, and by earlier pages of this
    /// one. Without locks it takes over those of live tabs, too.
    pub(crate) fn find_stored(&mut self, tab: usize, of: Option<u64>) {
        if self.tabs[tab].page.is_none() {
            return;
        }
        let others: Vec<u64> = self.others(tab).into_iter().map(|other| self.tabs[other].document).collect();
        let Tab { board, document, generation, .. } = self.tabs[tab];
        let Browser { shares, queues, .. } = &mut self.browsers[tab / 2];
        let left = |key: &(usize, u64, u64)| {
            key.0 == board
                && (key.1, key.2) != (document, generation)
                && of.is_none_or(|of| key.1 == of)
                && (!*shares || !others.contains(&key.1))
        };
        let found: Vec<PersistedQueue> = queues.extract_if(.., |key, _| left(key)).map(|(_, queue)| queue).collect();
        let Some(page) = self.tabs[tab].page.as_mut().filter(|_| !found.is_empty()) else { return };
        for queue in found {
            page.session.restore(queue);
        }
        // Its next action may be due at once.
        self.input(tab, SessionInput::Tick);
    }
}
