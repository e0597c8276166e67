//! This computer's time, and the server's, which is what users see.

use std::cell::Cell;

use engine::{Timestamp, session::ServerClock};

use crate::local;

/// Key of the stored clock offset, for pages that open without the server.
const KEY: &str = "clock-ahead";

thread_local! {
    /// The last result of [`now`], and how far it is ahead of the wall clock.
    static LAST: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    static SERVER: Cell<ServerClock> = Cell::new(first());
}

/// The offset that the page's script measured, or the stored one of an earlier page.
fn first() -> ServerClock {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let attribute = root.and_then(|root| root.get_attribute("data-clock-ahead"));
    let ahead = attribute.as_deref().and_then(|ahead| ahead.parse::<f64>().ok()).map(|ahead| ahead as i64);
    if let Some(ahead) = ahead {
        store(ServerClock::new(ahead));
    }
    let stored = || local::get(KEY).and_then(|ahead| ahead.parse().ok());
    ServerClock::new(ahead.or_else(stored).unwrap_or_default())
}

fn store(clock: ServerClock) {
    let ahead = (clock.ahead() != 0).then(|| clock.ahead().to_string());
    local::set(KEY, ahead.as_deref());
}

/// The server's time, as far as this computer knows.
pub(crate) fn server() -> Timestamp {
    Timestamp::from_millis(SERVER.get().at(i64::try_from(wall()).unwrap_or(i64::MAX)))
}

/// How far the server's clock is ahead of this computer's, in milliseconds.
pub(crate) fn ahead() -> i64 {
    SERVER.get().ahead()
}

/// Compares clocks by an answer that arrived just now, to a request of `asked` ([`wall`]), with this `Date` header.
pub(crate) fn compare(date: Option<String>, asked: u64) {
    let server = date.map_or(f64::NAN, |date| js_sys::Date::parse(&date));
    if server.is_nan() {
        return;
    }
    // The header has whole seconds.
    let (server, asked, answered) = (server as i64 + 500, asked as i64, wall() as i64);
    let mut clock = SERVER.get();
    if clock.compare(server, asked, answered) {
        SERVER.set(clock);
        store(clock);
    }
}

/// The wall clock, in milliseconds since 1970.
pub(crate) fn wall() -> u64 {
    // Whole milliseconds, far below 2⁵³.
    js_sys::Date::now() as u64
}

/// The wall clock, but never going backwards: otherwise timers would wait an hour if the clock is set back by one.
/// Unlike the browser's monotonic clock it advances during sleep.
pub(crate) fn now() -> u64 {
    LAST.with(|cell| {
        let (last, ahead) = cell.get();
        let wall = wall();
        let ahead = if wall + ahead < last { last - wall } else { ahead };
        cell.set((wall + ahead, ahead));
        wall + ahead
    })
}
