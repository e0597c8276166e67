//! Limits how often a user's cursor may rotate a log's epoch.
//!
//! A cursor that is not in the log it names is how a server learns that its database went back in time. The log then
//! gets a new epoch, which makes every client fetch the board. Anyone can make up such a cursor, so that each user's
//! counts once in a while per project; otherwise only that client fetches the board.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use engine::{ProjectId, UserId};

/// How long a user's further cursors don't count.
const PAUSE: Duration = Duration::from_secs(600);
/// Stored claims. Beyond that, no cursor counts until the oldest claims expire.
const CAPACITY: usize = 10_000;

/// When each user's cursor last counted.
#[derive(Debug, Default)]
pub(super) struct EpochClaims(Mutex<HashMap<(UserId, ProjectId), Instant>>);

impl EpochClaims {
    /// Whether a cursor of this user counts in this project.
    pub(super) fn may_claim(&self, user: UserId, project: ProjectId) -> bool {
        self.may_claim_at(user, project, Instant::now())
    }

    /// Records that a cursor of this user counted.
    pub(super) fn record(&self, user: UserId, project: ProjectId) {
        self.lock().insert((user, project), Instant::now());
    }

    fn may_claim_at(&self, user: UserId, project: ProjectId, now: Instant) -> bool {
        let mut made = self.lock();
        if made.len() >= CAPACITY {
            made.retain(|_, at| now < *at + PAUSE);
        }
        made.len() < CAPACITY && made.get(&(user, project)).is_none_or(|at| now >= *at + PAUSE)
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
    fn each_user_may_claim_once_in_a_while_per_project() {
        let claims = EpochClaims::default();
        let (ann, bob) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let (board, other) = (ProjectId::new(Uuid::from_u128(3)), ProjectId::new(Uuid::from_u128(4)));
        assert!(claims.may_claim(ann, board));
        claims.record(ann, board);
        assert!(!claims.may_claim(ann, board) && claims.may_claim(bob, board) && claims.may_claim(ann, other));
        assert!(claims.may_claim_at(ann, board, Instant::now() + PAUSE));
    }

    #[test]
    fn the_number_of_claims_is_bounded() {
        let claims = EpochClaims::default();
        let board = ProjectId::new(Uuid::from_u128(3));
        for n in 0..CAPACITY as u128 {
            claims.record(UserId::new(Uuid::from_u128(n)), board);
        }
        let late = UserId::new(Uuid::from_u128(u128::MAX));
        assert!(!claims.may_claim(late, board));
        assert!(claims.may_claim_at(late, board, Instant::now() + PAUSE));
        assert!(claims.lock().is_empty());
    }
}
