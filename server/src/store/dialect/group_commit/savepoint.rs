//! The SQL of the savepoints at which writes begin.

/// The savepoint at which a write begins. Consecutive writes alternate between two names.
#[derive(Clone, Copy)]
pub(super) enum GroupSavepoint {
    A,
    B,
}

impl GroupSavepoint {
    /// The name that the previous and the next write use.
    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Rolls back to it.
    pub(super) fn roll_back(self) -> &'static str {
        match self {
            Self::A => "ROLLBACK TO turn_a",
            Self::B => "ROLLBACK TO turn_b",
        }
    }

    /// Checks that it exists, and keeps what was written since.
    pub(super) fn check(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_a; SAVEPOINT turn_a",
            Self::B => "RELEASE turn_b; SAVEPOINT turn_b",
        }
    }

    /// Releases the previous savepoint, and begins the next write at this one.
    pub(super) fn advance(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_b; SAVEPOINT turn_a; ",
            Self::B => "RELEASE turn_a; SAVEPOINT turn_b; ",
        }
    }

    /// Releases it, and commits.
    pub(super) fn commit(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_a; COMMIT",
            Self::B => "RELEASE turn_b; COMMIT",
        }
    }
}
