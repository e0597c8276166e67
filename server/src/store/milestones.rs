//! When this database was first opened by a build with a certain capability.

use engine::Timestamp;

use super::{Store, StoreError, row::Columns};

/// A capability of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Unsubscribe links contain the time at which they were made.
    DatedUnsubscribing,
}

impl Milestone {
    fn name(self) -> &'static str {
        match self {
            Self::DatedUnsubscribing => "dated_unsubscribing",
        }
    }
}

impl Store {
    /// Records the time of a milestone, unless it is recorded already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reach(&self, milestone: Milestone, now: Timestamp) -> Result<(), StoreError> {
        if self.reached_at(milestone).await?.is_none() {
            let sql = "INSERT INTO milestones (name, reached_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            self.write_one(sqlx::query(sql).bind(milestone.name()).bind(now.millis())).await?;
        }
        Ok(())
    }

    /// When a milestone was reached, if it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reached_at(&self, milestone: Milestone) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query("SELECT reached_at FROM milestones WHERE name = $1").bind(milestone.name());
        query.fetch_optional(&self.reader).await?.map(|row| row.time("reached_at")).transpose()
    }
}
