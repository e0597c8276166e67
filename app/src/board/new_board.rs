//! Whether the board that opens next was just created on this page.

use std::cell::Cell;

thread_local! {
    static NEW_BOARD: Cell<bool> = const { Cell::new(false) };
}

/// Marks the next board that opens as new: the field for its first card opens with it.
pub(crate) fn mark_new_board() {
    NEW_BOARD.set(true);
}

/// Whether the board that opens is new. Resets the mark.
pub(crate) fn take_new_board() -> bool {
    NEW_BOARD.replace(false)
}
