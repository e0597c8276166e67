//! How committed events reach the other processes: the contract, and its two forms.
//!
//! A bus guarantees **nothing** about delivery. A note may get lost, arrive twice, late, or in
//! another order, also from one publisher; a note published before a [`Watch`] works may or may
//! not arrive. What it does promise:
//!
//! 1. [`Bus::publish`] neither waits nor fails, whatever state the other end is in.
//! 2. Nobody hears their own notes, and nobody hears of a topic that they do not watch, but for
//!    what was under way when they stopped watching.
//! 3. Once a watch works that did not work at once, or works again, the listener is told, so that it
//!    can compare with the database; and so for revocations.
//! 4. What it holds is bounded. What it drops is in the database.
//!
//! Rooms heal all else by the seqs and the log, bells by counting. One suite tests every implementation.

pub mod local;
mod payload;
pub mod redis;

use std::{future, sync::Arc, time::Duration};

use engine::{Epoch, ProjectId, Timestamp, UserId};
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::{Committed, NotificationFrame, Revocation};

/// What a process can listen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What happens on a board.
    Board(ProjectId),
    /// What a user is told.
    Bell(UserId),
}

/// What one process tells the others.
#[derive(Clone, Debug)]
pub enum Note {
    /// Events were committed.
    Events(Committed),
    /// The log has grown: read it. In the place of events that are too large for the bus.
    Grown {
        /// Whose log.
        project_id: ProjectId,
        /// Of which log.
        epoch: Epoch,
        /// The first new seq.
        from: u64,
        /// The last seq.
        to: u64,
    },
    /// A user was told something, or has read something.
    Bell {
        /// Who.
        user_id: UserId,
        /// What.
        rung: NotificationFrame,
    },
    /// Somebody's access ended. Everybody hears of it, whatever they watch.
    Revoked(Revocation),
}

impl Note {
    /// What it is about; `None`: everybody hears it.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Note::Events(committed) => Some(Topic::Board(committed.project_id)),
            Note::Grown { project_id, .. } => Some(Topic::Board(*project_id)),
            Note::Bell { user_id, .. } => Some(Topic::Bell(*user_id)),
            Note::Revoked(_) => None,
        }
    }
}

/// What a listener is told.
#[derive(Clone, Debug)]
pub enum BusEvent {
    /// Another process said this.
    Note(Note),
    /// These are watched from now on; what was said before may be lost.
    Watching(Vec<Topic>),
    /// Revocations are heard from now on; what was said before may be lost.
    Hearing,
}

/// Whoever hears what other processes say. Called from the bus's own task: it must not wait.
pub trait Listener: Send + Sync + 'static {
    /// Takes what was heard.
    fn hear(&self, heard: BusEvent);
}

/// Since when a watch works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Since now: what is published from here on is heard, as far as anything is.
    Now,
    /// [`BusEvent::Watching`] will say so.
    Later,
}

/// How the bus is doing, for `/health/realtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BusState {
    /// There is one process.
    InProcess,
    /// No connection, or none that delivers.
    Disconnected,
    /// Connected; delivery is yet to be proven.
    Connected,
    /// Connected, and a probe came back.
    Delivering,
}

/// A probe that came back the way of every note.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// From when it was queued to when it was heard, in milliseconds.
    pub round_trip_ms: f64,
    /// When it was heard.
    pub at: Timestamp,
}

/// Carries notes between processes. See the module for what it does not promise.
pub trait Bus: Send + Sync + 'static {
    /// Begins to deliver to `listener`. Called once, before all else.
    fn start(&self, listener: Arc<dyn Listener>);
    /// Tells the other processes.
    fn publish(&self, note: Note);
    /// Begins to hear of something. Watching it twice is watching it once.
    fn watch(&self, topic: Topic) -> Watch;
    /// No longer hears of it.
    fn unwatch(&self, topic: Topic);
    /// How it is doing.
    fn state(&self) -> BusState;
    /// Whether delivery is proven.
    fn ready(&self) -> bool {
        matches!(self.state(), BusState::InProcess | BusState::Delivering)
    }
    /// The last proof of delivery. `None` where there is nothing to prove, or nothing is proven yet.
    fn proof(&self) -> Option<Proof> {
        None
    }
    /// How long the oldest note has been waiting to be published.
    fn unpublished(&self) -> Duration {
        Duration::ZERO
    }
    /// Why nothing is heard, in words for the operator, where something is wrong.
    fn trouble(&self) -> Option<String> {
        None
    }
    /// Waits until all that was published so far went out, for as long as that takes.
    fn flushed(&self) -> BoxFuture<'_, ()> {
        Box::pin(future::ready(()))
    }
    /// Ends its tasks.
    fn stop(&self);
}
