//! What a room needs to know about events and pages of the log.

use crate::{Epoch, EventId, UserId};

/// Something with a place in a log.
pub trait Sequenced: Clone {
    /// Its seq: 1, 2, 3 …
    fn seq(&self) -> u64;

    /// Its id. A database that goes back in time reuses seqs, but no ids.
    fn id(&self) -> EventId;

    /// The id of the event before it, where known.
    fn prev(&self) -> Option<EventId> {
        None
    }

    /// The change of access that it causes, if any.
    fn rights(&self) -> Option<Rights> {
        None
    }
}

/// A change of access caused by an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// This user lost access.
    Lost(UserId),
    /// Everybody lost access: the project is gone.
    Gone,
}

/// A page of a log, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<E> {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// The log's last event, which may be past this page.
    pub seq: u64,
    /// The first event that is still kept; `seq + 1` when none is.
    pub min_seq: u64,
    /// The seq after which it was read.
    pub since: u64,
    /// The id of that event, where the log still has it.
    pub before: Option<EventId>,
    /// The events after it, in order.
    pub events: Vec<E>,
}
