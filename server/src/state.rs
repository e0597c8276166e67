//! What every request can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    assets::Files,
    config::Config,
    large_bodies::LargeBodies,
    mail::{MailCounts, MailError, Postman},
    readiness::Readiness,
    realtime::Realtime,
    secret::Secret,
    service::Services,
    store::Store,
    supervisor::Supervisor,
};

/// What every request can reach. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// What the use cases work with.
    pub services: Services,
    /// Places for long bodies of requests.
    pub large_bodies: LargeBodies,
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
}

impl AppState {
    /// What sends e-mail as the settings want it; `None` without such settings.
    ///
    /// # Errors
    /// When the settings cannot work.
    pub fn postman(&self) -> Result<Option<Postman>, MailError> {
        let Some(mail) = self.config.mail() else { return Ok(None) };
        let (services, counts) = (self.services.clone(), Arc::clone(&self.mail_counts));
        Postman::new(mail, services, self.supervisor.clone(), counts).map(Some)
    }
}

impl FromRef<AppState> for Store {
    fn from_ref(state: &AppState) -> Self {
        state.services.store.clone()
    }
}

impl FromRef<AppState> for Realtime {
    fn from_ref(state: &AppState) -> Self {
        state.services.realtime.clone()
    }
}

impl FromRef<AppState> for Secret {
    fn from_ref(state: &AppState) -> Self {
        state.services.secret.clone()
    }
}
