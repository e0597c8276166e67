//! Storing a board's queue and snapshot for the next page, and restoring them.

use std::rc::Rc;

use engine::session::{PersistedQueue, SessionInput};
use wasm_bindgen_futures::spawn_local;

use super::Driver;

/// Minimum time between two stored snapshots while connected, in milliseconds.
const SNAPSHOT_SPACING_MS: u64 = 10_000;

impl Driver {
    /// Takes over the queue of an earlier page.
    pub(super) fn restore(&self, queue: PersistedQueue) {
        self.session.borrow_mut().restore(queue);
        self.urgent.set(true);
        self.run();
    }

    /// Stores the queue and, if due, the snapshot.
    pub(super) fn persist(&self) {
        if let Some(queue) = self.session.borrow_mut().take_persisted_queue() {
            self.store.save_queue(queue);
        }
        let session = self.session.borrow();
        let (board, Some(as_of)) = (session.confirmed(), session.as_of()) else { return };
        let due = match self.stored.get() {
            Some((at, _)) if at == session.position() => false,
            // The last state before a break is the one needed next.
            Some((_, at)) => !session.link().is_current() || as_of >= at + SNAPSHOT_SPACING_MS,
            None => true,
        };
        // The other tabs of this board would store the same.
        if due && self.connection.leads() {
            self.stored.set(Some((session.position(), as_of)));
            self.store.save_board(board.snapshot(), as_of);
        }
    }

    /// Shows the snapshot of an earlier page, if that is newer.
    pub(super) fn find_board(&self) {
        let store = Rc::clone(&self.store);
        let this = self.this.clone();
        spawn_local(async move {
            if let (Some((snapshot, at)), Some(driver)) = (store.board().await, this.upgrade()) {
                driver.handle(SessionInput::Stored { snapshot: Box::new(snapshot), at });
            }
        });
    }
}
