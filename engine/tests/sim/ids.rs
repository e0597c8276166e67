//! Deterministic ids.

use engine::{ProjectId, UserId};

/// The `n`th id of a kind.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(kind: u64, n: u64) -> T {
    format!("{kind:08x}-0000-7000-8000-{n:012x}").parse().unwrap()
}

/// The user behind changes that no session makes.
pub(crate) fn owner() -> UserId {
    id(5, 999)
}

/// The project id of a board. Elsewhere a board is its number.
pub(crate) fn project(board: usize) -> ProjectId {
    id(1, board as u64)
}
