//! Feeds the board's store from its live handle.

use std::sync::Arc;

use engine::{
    ApiError, Board, Day, Op, Snapshot, TaskId, Timestamp, User,
    session::{Changes, Link, OpenThread, RejectedOp, TaskProgress},
    wire::Presence,
};
use send_wrapper::SendWrapper;

use super::{motion::Motion, removed::RemovedCards, store::BoardStore};
use crate::backend::{Backend, Sink};

/// Opens a board that follows its live handle: see [`BoardStore::open`].
pub fn open_board(backend: Arc<dyn Backend>, snapshot: Snapshot, me: &User, now: Timestamp, today: Day) -> BoardStore {
    BoardStore::open(backend, snapshot, me, now, today, |store| Arc::new(BoardSink::new(store)))
}

/// Feeds the store, and animates the changes. Browser only.
struct BoardSink {
    store: BoardStore,
    motion: SendWrapper<Motion>,
}

impl BoardSink {
    fn new(store: BoardStore) -> Self {
        Self { store, motion: SendWrapper::new(Motion::default()) }
    }
}

impl Sink for BoardSink {
    fn changed(&self, view: &Board, changes: &Changes, progress: &dyn Fn(TaskId) -> TaskProgress) {
        let removed = RemovedCards::before(self.store, view, changes);
        self.motion.before(self.store, view, changes);
        self.store.announce_others(view, changes);
        self.store.apply(view, changes, progress);
        self.motion.after();
        removed.after(self.store);
    }

    fn link(&self, link: Link, unconfirmed: usize, saving: bool, as_of: Option<Timestamp>) {
        self.store.set_link(link, unconfirmed, saving, as_of);
    }

    fn rejected(&self, rejected: &[RejectedOp], unreadable: usize) {
        self.store.set_rejected(rejected, unreadable);
    }

    fn not_stored(&self) {
        self.store.warn_not_stored();
    }

    fn refused(&self, op: &Op, error: &ApiError) {
        self.store.refuse(op, error);
    }

    fn presence(&self, people: &[Presence]) {
        self.store.set_people(people);
    }

    fn thread(&self, thread: Option<&OpenThread>) {
        self.store.set_thread(thread);
    }
}
