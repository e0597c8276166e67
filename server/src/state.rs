//! What every request can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    assets::Files,
    config::Config,
    http::body::LargeBodies,
    mail::MailCounts,
    readiness::Readiness,
    realtime::Realtime,
    secret::Secret,
    service::{account::Accounts, oversight::Oversight, write_limit::WriteLimit},
    store::Store,
    supervisor::Supervisor,
    write_tasks::WriteTasks,
};

/// What every request can reach. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The key that signs socket tokens.
    pub secret: Secret,
    /// The database.
    pub store: Store,
    /// Passwords and attempts to sign in.
    pub accounts: Accounts,
    /// Places for long bodies of requests.
    pub large_bodies: LargeBodies,
    /// How fast one user may write.
    pub write_limit: WriteLimit,
    /// What was counted of the boards.
    pub oversight: Oversight,
    /// The way to every open socket.
    pub realtime: Realtime,
    /// The page's assets.
    pub files: Files,
    /// What Leptos has to know of them.
    pub leptos_options: LeptosOptions,
    /// What became of letters.
    pub mail_counts: Arc<MailCounts>,
    /// Whether the database does its work.
    pub readiness: Readiness,
    /// The background tasks.
    pub supervisor: Supervisor,
    /// The writes under way.
    pub writes: WriteTasks,
}

impl AppState {
    /// Whether this server sends e-mail.
    pub fn mails(&self) -> bool {
        self.config.mail().is_some()
    }
}
