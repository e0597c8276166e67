//! Messages between processes: the contract, and its two implementations.
//!
//! A bus guarantees **nothing** about delivery. A message may get lost, or arrive twice, late, or out of order, even
//! from one publisher; a message published before a [`Watch`] is active may or may not arrive. It does promise:
//!
//! 1. [`Bus::publish`] neither waits nor fails, whatever state the other end is in.
//! 2. A process receives neither its own messages nor those of topics that it does not watch, except for messages in
//!    flight when it stopped watching.
//! 3. The listener is told when a delayed or interrupted watch becomes active, so that it can compare with the
//!    database; likewise for revocations.
//! 4. Its memory is bounded. Everything that it drops is in the database.
//!
//! Rooms repair the rest by the seqs and the log, notification channels by counting. One test suite covers every
//! implementation.

pub mod local;
mod payload;
pub mod redis;

use std::{future, sync::Arc, time::Duration};

use engine::{Epoch, ProjectId, Timestamp, UserId};
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::{Committed, NotificationFrame, Revocation};

/// A topic that a process can watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The events of a board.
    Board(ProjectId),
    /// The notifications of a user.
    Bell(UserId),
}

/// A message to other processes.
#[derive(Clone, Debug)]
pub enum BusMessage {
    /// Events were committed.
    Events(Committed),
    /// The log has grown: read it. Replaces events that are too large for the bus.
    Grown {
        /// The project.
        project_id: ProjectId,
        /// The epoch of its log.
        epoch: Epoch,
        /// The first new seq.
        from: u64,
        /// The last seq.
        to: u64,
    },
    /// The notifications of a user changed.
    Bell {
        /// The user.
        user_id: UserId,
        /// The change.
        frame: NotificationFrame,
    },
    /// Access ended. Every process receives it, whatever it watches.
    Revoked(Revocation),
}

impl BusMessage {
    /// The topic; `None` if every process receives it.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            BusMessage::Events(committed) => Some(Topic::Board(committed.project_id)),
            BusMessage::Grown { project_id, .. } => Some(Topic::Board(*project_id)),
            BusMessage::Bell { user_id, .. } => Some(Topic::Bell(*user_id)),
            BusMessage::Revoked(_) => None,
        }
    }
}

/// An event for a listener.
#[derive(Clone, Debug)]
pub enum BusEvent {
    /// A message of another process.
    Message(BusMessage),
    /// These topics are watched from now on; earlier messages may be lost.
    Watching(Vec<Topic>),
    /// Connected: revocations arrive from now on; earlier ones may be lost.
    Connected,
}

/// Receives the events of a bus. Called from the bus' task: it must not block.
pub trait Listener: Send + Sync + 'static {
    /// Handles an event.
    fn on_event(&self, event: BusEvent);
}

/// When a watch becomes active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// At once: messages published from now on are received, as far as any are.
    Now,
    /// Later: [`BusEvent::Watching`] reports it.
    Later,
}

/// The state of the bus, for `/health/realtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BusState {
    /// There is a single process.
    InProcess,
    /// Not connected, or the connection does not deliver.
    Disconnected,
    /// Connected; no probe has returned yet.
    Connected,
    /// Connected, and a probe returned.
    Delivering,
}

/// A returned probe, which takes the same way as messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// From queueing to receipt, in milliseconds.
    pub round_trip_ms: f64,
    /// When it was received.
    pub at: Timestamp,
}

/// Carries messages between processes. The module lists what it does not promise.
pub trait Bus: Send + Sync + 'static {
    /// Starts delivery to `listener`. Called once, before anything else.
    fn start(&self, listener: Arc<dyn Listener>);
    /// Publishes to the other processes.
    fn publish(&self, message: BusMessage);
    /// Starts watching a topic. Watching it twice has no further effect.
    fn watch(&self, topic: Topic) -> Watch;
    /// Stops watching a topic.
    fn unwatch(&self, topic: Topic);
    /// The current state.
    fn state(&self) -> BusState;
    /// Whether a probe has proven delivery.
    fn ready(&self) -> bool {
        matches!(self.state(), BusState::InProcess | BusState::Delivering)
    }
    /// The last proof of delivery. `None` if none is needed, or none has succeeded yet.
    fn proof(&self) -> Option<Proof> {
        None
    }
    /// How long the oldest message has been waiting to be published.
    fn unpublished(&self) -> Duration {
        Duration::ZERO
    }
    /// Why nothing arrives, in words for the operator, if something is wrong.
    fn trouble(&self) -> Option<String> {
        None
    }
    /// Waits until everything queued so far is published, however long that takes.
    fn flushed(&self) -> BoxFuture<'_, ()> {
        Box::pin(future::ready(()))
    }
    /// Stops its tasks.
    fn stop(&self);
}
