//! What users can do: one use case is one function, and a write is one transaction.
//!
//! ```text
//! access   who may do what, in one place       write    a project's transaction, from entry to event
//! op       the same op is answered once        outcome  how a use case ends
//! account  register, sign in, sign out         place    where a card comes to stand, as a rank
//! order    where many cards come to stand      patch    what a patch makes of a task
//! retention  how far back logs reach
//! project · member · status · task · bulk · board
//! ```

pub mod access;
pub mod account;
pub mod attempts;
pub mod board;
pub mod bulk;
pub mod demo;
mod field;
pub mod member;
pub mod op;
mod order;
pub mod outcome;
pub mod password;
mod patch;
mod place;
pub mod project;
pub mod retention;
pub mod status;
pub mod task;
mod write;

pub use op::Intent;
pub use outcome::{Answer, Stop};
