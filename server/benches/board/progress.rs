//! Progress messages.

use std::io::{self, Write as _};

/// Prints a progress message outside the table.
pub(crate) fn progress(what: &str) {
    // A closed standard error leaves nowhere to report to.
    let _ = writeln!(io::stderr(), "    {what}");
}
