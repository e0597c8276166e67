//! Ids that a seed always gives alike.

use engine::{ProjectId, UserId};

/// Deterministic ids.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(kind: u64, n: u64) -> T {
    format!("{kind:08x}-0000-7000-8000-{n:012x}").parse().unwrap()
}

/// Who makes the changes of no session.
pub(crate) fn owner() -> UserId {
    id(5, 999)
}

/// The project of a board. A board is named by its number everywhere else.
pub(crate) fn project(board: usize) -> ProjectId {
    id(1, board as u64)
}
