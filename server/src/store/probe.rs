//! Whether the database takes writes.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use engine::Timestamp;
use rand::RngCore as _;

use super::{Store, StoreError};

/// Random bytes of a probe: 64 KiB of text, more than most writes need. SQLite's log overwrites its own file, so on a
/// full disk a short row still fits where no task does.
const FILLER: usize = 48 * 1024;

impl Store {
    /// Writes one row over the last one, as long as the rows of a task. A read, or a transaction that is rolled back,
    /// proves neither that there is room nor that the database is no read-only copy.
    ///
    /// # Errors
    /// When the database does not do it.
    pub(crate) async fn probe_write(&self, now: Timestamp) -> Result<(), StoreError> {
        if let Some(grow) = self.dialect.growth() {
            let mut write = self.write().await?;
            sqlx::raw_sql(grow).execute(&mut *write.tx).await?;
            write.give_up().await?;
        }
        // Random, so that neither PostgreSQL nor a file system that compresses makes it short.
        let mut bytes = vec![0; FILLER];
        rand::rng().fill_bytes(&mut bytes);
        let query = sqlx::query(
            "INSERT INTO write_probe (id, probed_at, filler) VALUES (1, $1, $2)
             ON CONFLICT (id) DO UPDATE SET probed_at = excluded.probed_at, filler = excluded.filler",
        );
        self.write_one(query.bind(now.millis()).bind(BASE64_STANDARD_NO_PAD.encode(bytes))).await?;
        Ok(())
    }
}
