//! What users can do: one use case is one function, and a write is one transaction.
//!
//! ```text
//! access   who may do what, in one place       write    a project's transaction, from entry to event
//! op       the same op is answered once        outcome  how a use case ends
//! account  register, sign in, sign out         place    where a card comes to stand, as a rank
//! order    where many cards come to stand      patch    what a patch makes of a task
//! retention  how far back logs reach              watch    who is told of a task
//! markdown  what a comment and a description look like   mention  whom they name
//! notice   who is told of a change                channel  where a notification goes
//! zone     a user's own clock                     preferences  what they want to be told
//! due      what the calendar tells             oversight  who has how much, what the week brought
//! quota    how much one user, project or card may take up    removal  undo of removals
//! write_limit  how fast one user may write
//! completion  tasks follow their column's category     invitation  how people come into a project
//! inbox    what the bells read
//! project · member · status · task · bulk · board · search · comment · notification
//! ```

pub mod access;
pub mod account;
pub mod attempts;
pub mod board;
pub mod bulk;
mod channel;
pub mod comment;
pub mod completion;
pub mod demo;
pub mod description;
pub mod due;
mod field;
mod inbox;
pub mod invitation;
mod markdown;
pub mod member;
mod mention;
mod notice;
pub mod notification;
pub mod op;
mod order;
pub mod outcome;
pub mod oversight;
pub mod password;
mod patch;
mod place;
pub mod preferences;
pub mod project;
mod quota;
pub mod removal;
pub mod retention;
pub mod search;
pub mod status;
pub mod task;
pub mod watch;
mod write;
pub mod write_limit;
mod zone;

pub use op::Intent;
pub use outcome::{OpResponse, ServiceError};

use crate::{config::QuotaSettings, realtime::Realtime, secret::Secret, store::Store, write_tasks::WriteTasks};
use account::Accounts;
use oversight::Oversight;
use write_limit::WriteLimit;

/// What the use cases work with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The way to every open socket.
    pub realtime: Realtime,
    /// Passwords and attempts to sign in.
    pub accounts: Accounts,
    /// What was counted of the boards.
    pub oversight: Oversight,
    /// How fast one user may write.
    pub write_limit: WriteLimit,
    /// The writes under way.
    pub writes: WriteTasks,
    /// The key that signs tokens.
    pub secret: Secret,
    /// How much one user, project or card may take up.
    pub quotas: QuotaSettings,
    /// Whether this server sends e-mail.
    pub sends_mail: bool,
}
