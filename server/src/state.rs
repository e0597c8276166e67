//! The state of requests.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    assets::Files,
    config::Config,
    large_bodies::LargeBodies,
    mail::{MailCounts, MailError, Mailer},
    readiness::Readiness,
    realtime::Realtime,
    secret::Secret,
    service::Services,
    store::Store,
    supervisor::Supervisor,
};

/// The state of requests. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The dependencies of the use cases.
    pub services: Services,
    /// Permits for large request bodies.
    pub large_bodies: LargeBodies,
    /// The page's assets.
    pub files: Files,
    /// The options for Leptos.
    pub leptos_options: LeptosOptions,
    /// Results of letters.
    pub mail_counts: Arc<MailCounts>,
    /// Whether the database works.
    pub readiness: Readiness,
    /// The background tasks.
    pub supervisor: Supervisor,
}

impl AppState {
    /// The sender of e-mail; `None` if it is not set up.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub fn mailer(&self) -> Result<Option<Mailer>, MailError> {
        let Some(mail) = self.config.mail() else { return Ok(None) };
        let (services, counts) = (self.services.clone(), Arc::clone(&self.mail_counts));
        Mailer::new(mail, services, self.supervisor.clone(), counts).map(Some)
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
