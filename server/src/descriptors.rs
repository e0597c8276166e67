//! The limit of open files: each socket is one, and the usual limit of 1024 is too low for a busy board.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's limit as far as permitted. If that fails, the server runs with the current limit.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => tracing::debug!(?current, ?maximum, "raised the limit of open files"),
        Err(error) => tracing::warn!(%error, ?current, "cannot raise the limit of open files"),
    }
}
