//! Use cases: one function each; a write is one transaction.
//!
//! | module | contents |
//! | --- | --- |
//! | `project`, `member`, `status`, `task`, `bulk`, `board` | use cases by resource |
//! | `search`, `comment`, `description`, `watch` | further use cases on tasks |
//! | `access` | permissions, decided in one place |
//! | `quota`, `write_limit`, `attempts` | limits per user, project or card; write rate; sign-in attempts |
//! | `write`, `op`, `outcome` | a project's transaction; idempotency; results and errors |
//! | `ordering`, `patch`, `field` | ranks of cards; task fields; validation |
//! | `notice`, `channel`, `preferences`, `notification`, `inbox` | who is notified, by which channels; the bell |
//! | `due`, `oversight` | due dates; workload, reports, flow |
//! | `account`, `invitation`, `password`, `zone` | accounts, invitations, passwords, time zones |
//! | `markdown`, `mention` | rendered text, and the members it mentions |
//! | `completion`, `removal`, `retention` | tasks that follow their column's category; undo; pruning of logs |

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
mod ordering;
pub mod outcome;
pub mod oversight;
pub mod password;
mod patch;
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

/// The dependencies of the use cases. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// Every open socket.
    pub realtime: Realtime,
    /// Passwords and sign-in attempts.
    pub accounts: Accounts,
    /// Caches of oversight figures.
    pub oversight: Oversight,
    /// The write rate per user.
    pub write_limit: WriteLimit,
    /// The running writes.
    pub writes: WriteTasks,
    /// The key that signs tokens.
    pub secret: Secret,
    /// Limits per user, project and card.
    pub quotas: QuotaSettings,
    /// Whether this server sends e-mail.
    pub sends_mail: bool,
}
