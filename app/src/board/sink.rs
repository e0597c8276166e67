//! Where the live handle puts what happens.

use engine::{
    ApiError, Board, Op, TaskId,
    session::{Changes, Link},
    wire::Presence,
};

use super::store::BoardStore;
use crate::backend::Sink;

/// Feeds the store.
pub(super) struct BoardSink {
    pub(super) store: BoardStore,
}

impl Sink for BoardSink {
    fn changed(&self, view: &Board, changes: &Changes, pending: &dyn Fn(TaskId) -> bool) {
        self.store.apply(view, changes, pending);
    }

    fn link(&self, link: Link, unconfirmed: usize) {
        self.store.set_link(link, unconfirmed);
    }

    fn refused(&self, op: &Op, error: &ApiError) {
        self.store.is_dealt_with(op, error);
    }

    fn presence(&self, people: &[Presence]) {
        self.store.set_people(people);
    }
}
