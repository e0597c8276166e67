//! The time.

use std::cell::Cell;

thread_local! {
    /// The last time that was told, and how far it is ahead of the wall clock.
    static TOLD: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// The wall clock, in milliseconds since 1970.
pub(crate) fn wall() -> u64 {
    // Whole milliseconds, far below 2⁵³.
    js_sys::Date::now() as u64
}

/// The wall clock, but for never going backwards: what was to happen in a second would wait an hour if
/// somebody set the clock back by one. Unlike the browser's monotonic clock it goes on during sleep.
pub(crate) fn now() -> u64 {
    TOLD.with(|told| {
        let (last, ahead) = told.get();
        let wall = wall();
        let ahead = if wall + ahead < last { last - wall } else { ahead };
        told.set((wall + ahead, ahead));
        wall + ahead
    })
}
