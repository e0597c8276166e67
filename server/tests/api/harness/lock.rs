//! A foreign write that takes its time: until it ends, the server's own writes wait.

use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::TestServer;

/// Blocks all writes while held.
pub(crate) struct WriteLock(AnyConnection);

impl WriteLock {
    /// Begins such a write on a server's database.
    pub(crate) async fn take(server: &TestServer) -> Self {
        let url = server.direct_url();
        let mut connection = AnyConnection::connect(url).await.expect("the database answers");
        let begin = match url.starts_with("sqlite:") {
            true => "BEGIN IMMEDIATE",
            // Reads continue; the row locks at the beginning of writes don't.
            false => "BEGIN; LOCK TABLE projects, users, notifications, write_probe IN EXCLUSIVE MODE",
        };
        connection.execute(begin).await.expect("a lock");
        Self(connection)
    }

    /// Lets the other writes continue.
    pub(crate) async fn release(mut self) {
        self.0.execute("ROLLBACK").await.expect("the end of it");
        self.0.close().await.expect("a clean end");
    }
}
