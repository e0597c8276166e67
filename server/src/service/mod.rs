//! What users can do: one use case is one function, and a write is one transaction.
//!
//! ```text
//! access   who may do what, in one place       write    a project's transaction, from entry to event
//! op       the same op is answered once        outcome  how a use case ends
//! account  register, sign in, sign out         place    where a card comes to stand, as a rank
//! project · member · status · task · board
//! ```

pub mod access;
pub mod account;
pub mod attempts;
pub mod board;
pub mod demo;
mod field;
pub mod member;
pub mod op;
pub mod outcome;
pub mod password;
mod place;
pub mod project;
pub mod status;
pub mod task;
mod write;

pub use op::Intent;
pub use outcome::{Answer, Stop};
