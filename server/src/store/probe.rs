//! Checks that the database accepts writes.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use engine::Timestamp;
use rand::RngCore as _;

use super::{Store, StoreError};

/// Random bytes per probe: 64 KiB of text, more than most writes need. SQLite's log overwrites its own file, so on a
/// full disk a short row may still fit when a task does not.
const FILLER: usize = 48 * 1024;

impl Store {
    /// Overwrites one row, as long as the rows of a task. A read, or a transaction that is rolled back, would prove
    /// neither that there is space nor that the database is writable.
    ///
    /// # Errors
    /// When the write fails.
    pub(crate) async fn probe_write(&self, now: Timestamp) -> Result<(), StoreError> {
        if let Some(grow) = self.dialect.growth_probe() {
            let mut write = self.write().await?;
            sqlx::raw_sql(grow).execute(&mut *write.tx).await?;
            write.roll_back().await?;
        }
        // Random, so that neither PostgreSQL nor a compressing file system shrinks it.
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
