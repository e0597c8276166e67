//! Somebody else's write that takes its time: until it ends, the server's own writes wait.

use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::TestServer;

/// Held, nothing is written.
pub(crate) struct WriteLock(AnyConnection);

impl WriteLock {
    /// Begins such a write on the database of a server.
    pub(crate) async fn take(server: &TestServer) -> Self {
        let url = server.direct_url();
        let mut connection = AnyConnection::connect(url).await.expect("the database answers");
        let begin = match url.starts_with("sqlite:") {
            true => "BEGIN IMMEDIATE",
            // Reads go on; the locks of rows that writes begin with do not.
            false => "BEGIN; LOCK TABLE projects, users, notifications, write_probe IN EXCLUSIVE MODE",
        };
        connection.execute(begin).await.expect("a lock");
        Self(connection)
    }

    /// Lets the others go on.
    pub(crate) async fn release(mut self) {
        self.0.execute("ROLLBACK").await.expect("the end of it");
        self.0.close().await.expect("a clean end");
    }
}
