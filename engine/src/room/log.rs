//! What a room needs to know of the log that it delivers.

use crate::{Epoch, EventId, UserId};

/// Something with a place in a log.
pub trait Sequenced: Clone {
    /// Its place: 1, 2, 3 …
    fn seq(&self) -> u64;

    /// Which it is. A database that goes back in time uses its seqs again, but no id.
    fn id(&self) -> EventId;

    /// The event before it in its log, where that is known.
    fn prev(&self) -> Option<EventId> {
        None
    }

    /// What it says about who may read the log.
    fn rights(&self) -> Option<Rights> {
        None
    }
}

/// What an event says about who may read the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// This user may not any more.
    Lost(UserId),
    /// Nobody may any more: the project is gone.
    Gone,
}

/// A part of a log, read in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<E> {
    /// Of which log.
    pub epoch: Epoch,
    /// The log's last event, which may be past this page.
    pub seq: u64,
    /// The first event that is still kept; `seq + 1` when none is.
    pub min_seq: u64,
    /// After which event it was read.
    pub since: u64,
    /// The id of that event, where the log still has it.
    pub before: Option<EventId>,
    /// The events after it, in order.
    pub events: Vec<E>,
}
