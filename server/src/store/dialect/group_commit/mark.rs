//! The savepoints at which turns begin, in SQL.

/// A savepoint at which a turn begins. Those that follow each other have different names.
#[derive(Clone, Copy)]
pub(super) enum GroupSavepoint {
    A,
    B,
}

impl GroupSavepoint {
    /// The name of the turn before, and of the next one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Takes back what was written since.
    pub(super) fn back(self) -> &'static str {
        match self {
            Self::A => "ROLLBACK TO turn_a",
            Self::B => "ROLLBACK TO turn_b",
        }
    }

    /// Finds out whether it is there, and keeps what was written since.
    pub(super) fn renew(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_a; SAVEPOINT turn_a",
            Self::B => "RELEASE turn_b; SAVEPOINT turn_b",
        }
    }
    /// Leaves the one before it, and begins the next turn at this one.
    pub(super) fn follow(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_b; SAVEPOINT turn_a; ",
            Self::B => "RELEASE turn_a; SAVEPOINT turn_b; ",
        }
    }

    /// Leaves it, and commits.
    pub(super) fn commit(self) -> &'static str {
        match self {
            Self::A => "RELEASE turn_a; COMMIT",
            Self::B => "RELEASE turn_b; COMMIT",
        }
    }
}
