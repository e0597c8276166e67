//! Where a client is in a log.

use std::fmt;

use crate::{Epoch, EventId};

/// A place in a log, as a client names it: `epoch=…&since=…&last=…` in the query of a socket or of `…/events`.
///
/// A database that goes back in time uses its seqs again, so a number alone does not say what its client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// Of which log.
    pub epoch: Epoch,
    /// The last event that is known.
    pub since: u64,
    /// The id of that event, where it is known: a log that has another event there is another log.
    pub last: Option<EventId>,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, since, last } = self;
        write!(f, "epoch={epoch}&since={since}")?;
        last.map_or(Ok(()), |last| write!(f, "&last={last}"))
    }
}
