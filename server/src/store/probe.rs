//! Whether the database takes writes.

use engine::Timestamp;

use super::{Store, StoreError};

impl Store {
    /// Writes one small row, over the last one: it proves what no read and no rolled back transaction does, that there is
    /// space, and that the database is no read-only copy.
    ///
    /// # Errors
    /// When the database does not do it.
    pub(crate) async fn probe_write(&self, now: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO write_probe (id, probed_at) VALUES (1, $1)
             ON CONFLICT (id) DO UPDATE SET probed_at = excluded.probed_at",
        );
        self.write_one(query.bind(now.millis())).await?;
        Ok(())
    }
}
