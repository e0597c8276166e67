//! A client's position in a log.

use std::fmt;

use crate::{Epoch, EventId};

/// A position in a log, as a client sends it: `epoch=…&since=…&last=…` in the query of a socket or of `…/events`.
///
/// A database that goes back in time reuses seqs, so a seq alone does not identify an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// Seq of the last known event.
    pub since: u64,
    /// The id of that event, where known: a log with another event there is another log.
    pub last: Option<EventId>,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, since, last } = self;
        write!(f, "epoch={epoch}&since={since}")?;
        last.map_or(Ok(()), |last| write!(f, "&last={last}"))
    }
}
