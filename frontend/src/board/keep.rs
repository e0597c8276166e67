//! What a board stores for the page after it, and finds of the page before.

use std::rc::Rc;

use engine::session::{PersistedQueue, SessionInput};
use wasm_bindgen_futures::spawn_local;

use super::Driver;

/// The least time between two stored boards while all is well, in milliseconds.
const SNAPSHOT_SPACING_MS: u64 = 10_000;

impl Driver {
    /// Takes up what an earlier page has left.
    pub(super) fn restore(&self, queue: PersistedQueue) {
        self.session.borrow_mut().restore(queue);
        self.urgent.set(true);
        self.run();
    }

    /// Stores what has to outlive this page.
    pub(super) fn persist(&self) {
        if let Some(queue) = self.session.borrow_mut().take_persisted_queue() {
            self.store.save_queue(queue);
        }
        let session = self.session.borrow();
        let (board, Some(as_of)) = (session.confirmed(), session.as_of()) else { return };
        let due = match self.stored.get() {
            Some((at, _)) if at == session.position() => false,
            // The last state before a break is the one that is asked for next.
            Some((_, at)) => !session.link().is_current() || as_of >= at + SNAPSHOT_SPACING_MS,
            None => true,
        };
        // The tabs of one board would all store the same.
        if due && self.connection.leads() {
            self.stored.set(Some((session.position(), as_of)));
            self.store.save_board(board.snapshot(), as_of);
        }
    }

    /// Shows the board as an earlier page has stored it, where that is newer.
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
