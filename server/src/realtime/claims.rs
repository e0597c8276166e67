//! Which users' cursors have given a log another epoch lately.
//!
//! A cursor that is not in the log it names is how a server learns that its database went back in time, and the log
//! gets another epoch for it, which sends everybody for the board. Anybody can make such a cursor up, so that each
//! user's counts once in a while for each project; after that, only who comes with one is sent for the board.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use engine::{ProjectId, UserId};

/// How long a user's next cursor does not count.
const PAUSE: Duration = Duration::from_secs(600);
/// Claims that are remembered. With more of them, no cursor counts until the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// When whose cursors counted.
#[derive(Debug, Default)]
pub(super) struct EpochClaims(Mutex<HashMap<(UserId, ProjectId), Instant>>);

impl EpochClaims {
    /// Whether a cursor of this user counts in this project.
    pub(super) fn may(&self, user: UserId, project: ProjectId) -> bool {
        self.may_at(user, project, Instant::now())
    }

    /// A cursor of this user counted.
    pub(super) fn made(&self, user: UserId, project: ProjectId) {
        self.lock().insert((user, project), Instant::now());
    }

    fn may_at(&self, user: UserId, project: ProjectId, now: Instant) -> bool {
        let mut made = self.lock();
        if made.len() >= REMEMBERED {
            made.retain(|_, at| now < *at + PAUSE);
        }
        made.len() < REMEMBERED && made.get(&(user, project)).is_none_or(|at| now >= *at + PAUSE)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(UserId, ProjectId), Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_user_counts_once_in_a_while_for_each_project() {
        let claims = EpochClaims::default();
        let (ann, bob) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let (board, other) = (ProjectId::new(Uuid::from_u128(3)), ProjectId::new(Uuid::from_u128(4)));
        assert!(claims.may(ann, board));
        claims.made(ann, board);
        assert!(!claims.may(ann, board) && claims.may(bob, board) && claims.may(ann, other));
        assert!(claims.may_at(ann, board, Instant::now() + PAUSE));
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let claims = EpochClaims::default();
        let board = ProjectId::new(Uuid::from_u128(3));
        for n in 0..REMEMBERED as u128 {
            claims.made(UserId::new(Uuid::from_u128(n)), board);
        }
        let late = UserId::new(Uuid::from_u128(u128::MAX));
        assert!(!claims.may(late, board));
        assert!(claims.may_at(late, board, Instant::now() + PAUSE));
        assert!(claims.lock().is_empty());
    }
}
