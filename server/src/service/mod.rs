//! What users can do: one use case is one function, and a write is one transaction.
//!
//! ```text
//! access   who may do what, in one place       write    a project's transaction, from entry to event
//! account  register, sign in, sign out         op       idempotency: the same op is answered once
//! ```

pub mod access;
pub mod account;
pub mod attempts;
mod field;
pub mod op;
pub mod outcome;
pub mod password;

pub use op::Intent;
pub use outcome::{Answer, Stop};
