//! Whether the board that opens next was just created on this page.

use std::cell::Cell;

thread_local! {
    static NEW_BOARD: Cell<bool> = const { Cell::new(false) };
}

/// The next board that opens was just made: its first card is what comes next.
pub(crate) fn mark_new_board() {
    NEW_BOARD.set(true);
}

/// Whether the board that opens was just made on this page; once.
pub(crate) fn take_new_board() -> bool {
    NEW_BOARD.replace(false)
}
