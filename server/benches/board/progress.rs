//! What goes on, for whoever waits for the table.

use std::io::{self, Write as _};

/// Says what goes on, where it does not get into the table.
pub(crate) fn progress(what: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "    {what}");
}
