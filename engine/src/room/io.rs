//! What goes into a room and what comes out: all of its contact with the world, as values.

use super::{Page, Sequenced};
use crate::{Epoch, EventId, UserId, wire::ResyncReason};

/// A socket of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(u64);

impl SocketId {
    /// The `number`th socket.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Which.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A place in a log at which the database was asked something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// Of which log.
    pub epoch: Epoch,
    /// Its last event then.
    pub seq: u64,
}

/// What a client says that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Of which log. Without it the cursor is believed.
    pub epoch: Option<Epoch>,
    /// The last event that it has.
    pub since: u64,
    /// The id of that event, where the client knows it.
    pub last: Option<EventId>,
}

/// A socket that wants to get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// Which.
    pub socket: SocketId,
    /// Whose it is.
    pub user: UserId,
    /// Where the log was when the database said that this user may read it.
    pub checked: LogPlace,
    /// What its client has; `None` where it begins at the log's end.
    pub resume: Option<Resume>,
    /// Whether a cursor that is not in the log makes the log another one. A client can forge
    /// a cursor, and a new epoch makes every client fetch the board, so the caller limits how often each user may.
    pub may_rotate: bool,
}

/// Why a socket does not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRefusal {
    /// This project doesn't exist.
    Gone,
    /// This user may have lost access after it was checked: check again.
    AccessChanged,
    /// The log cannot be read now.
    Unavailable,
}

/// The log could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log cannot be read")]
pub struct Unavailable;

/// Where a log ends, and who may read it just then: read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The log's end.
    pub place: LogPlace,
    /// The id of the log's last event, where the log has it.
    pub last: Option<EventId>,
    /// Everybody who may read it.
    pub readers: Vec<UserId>,
}

/// What the world tells a room.
#[derive(Clone, Debug)]
pub enum RoomInput<E> {
    /// Time has passed: [`wake_at`](super::Room::wake_at) was reached, or may have been.
    Tick,
    /// Events came, from a writer here or from the bus.
    Offer {
        /// Of which log.
        epoch: Epoch,
        /// In order, without a gap.
        events: Vec<E>,
    },
    /// The log ends here, somebody says; `None`: the project is gone.
    Top(Option<LogPlace>),
    /// The database was asked where the log ends.
    Compared {
        /// Where the room was when it was asked.
        asked_at: Option<LogPlace>,
        /// The answer.
        top: LogPlace,
        /// The id of the log's last event, where the log has it.
        last: Option<EventId>,
    },
    /// A socket wants to get in. It is answered by [`RoomEffect::Enter`] or [`RoomEffect::Refuse`].
    Join(Join),
    /// A socket is gone.
    Leave(SocketId),
    /// An [`RoomEffect::Locate`] was answered; `None`: the project is gone.
    Located(Result<Option<Located>, Unavailable>),
    /// An [`RoomEffect::Read`] was answered; `None`: the project is gone.
    Page(Result<Option<Page<E>>, Unavailable>),
}

/// What a room wants done, in this order, before anything else is passed in. Each `Locate`, `RotateEpoch` and
/// `Read` has to be answered by exactly one input, whatever becomes of it; there is one under way at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomEffect<E: Sequenced> {
    /// Queue these for every member.
    Deliver(Vec<E>),
    /// Tell every member to fetch the board.
    Resync(ResyncReason, LogPlace),
    /// From here on this socket is a member. This comes first on it.
    Enter(SocketId, Welcome<E>),
    /// This socket does not get in.
    Refuse(SocketId, JoinRefusal),
    /// These sockets' users lost access: close them, after what is queued for them.
    Expel(Vec<SocketId>),
    /// So many events came a second time.
    Duplicates(u64),
    /// Events were announced that are not in the log. The room waits for them no longer.
    Phantoms,
    /// Read where the log ends and who may read it.
    Locate,
    /// The log went back in time: give it another epoch, unless it has another one than this by now, then do as for
    /// [`RoomEffect::Locate`]. Until then two logs have one name.
    RotateEpoch {
        /// The epoch that both have.
        epoch: Epoch,
        /// Whose cursor says so, where it is not the room's own place.
        claimed_by: Option<UserId>,
    },
    /// Read the first events after `since`.
    Read {
        /// After which.
        since: u64,
        /// Whether the room itself missed something, rather than a socket that comes back.
        gap: bool,
    },
}

/// What a member hears first.
#[derive(Clone, Debug, PartialEq)]
pub enum Welcome<E> {
    /// `sync`, with all that it missed.
    Sync {
        /// Of which log.
        epoch: Epoch,
        /// After which seq.
        since: u64,
        /// All that came since.
        events: Vec<E>,
    },
    /// `resync`: it has to fetch the board.
    Resync(ResyncReason, LogPlace),
}
