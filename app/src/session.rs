//! The signed-in user, for every page.

use std::sync::Arc;

use engine::{ApiError, User};
use leptos::prelude::*;

use crate::backend::Backend;

/// The signed-in user: fetched once by the server, and changed by signing in and out.
#[derive(Clone, Copy, Debug)]
pub struct AuthSession {
    me: Resource<Result<Option<User>, ApiError>>,
    backend: StoredValue<Arc<dyn Backend>>,
    entered: RwSignal<bool>,
}

impl AuthSession {
    /// Provides the session in the context, if there is a backend.
    pub(crate) fn provide() {
        let Some(backend) = use_context::<Arc<dyn Backend>>() else { return };
        let api = Arc::clone(&backend);
        provide_context(Self {
            me: Resource::new(|| (), move |()| api.me()),
            backend: StoredValue::new(backend),
            entered: RwSignal::new(false),
        });
    }

    /// The session of this page.
    ///
    /// # Panics
    /// Outside of [`crate::App`].
    pub fn expect() -> Self {
        expect_context()
    }

    /// The signed-in user, once known.
    pub async fn user(self) -> Result<Option<User>, ApiError> {
        self.me.await
    }

    /// Tracks whether a user has signed in on this page.
    pub fn has_entered(self) -> bool {
        self.entered.get()
    }

    /// Updates the user's name or address.
    pub fn renamed(self, user: User) {
        self.me.set(Some(Ok(Some(user))));
    }

    /// Sets the user whom signing in returned.
    pub fn signed_in(self, user: User) {
        self.backend.with_value(|backend| backend.signed_in(user.id));
        self.entered.set(true);
        self.me.set(Some(Ok(Some(user))));
    }
}

/// The backend of this page.
///
/// # Panics
/// Outside of [`crate::App`].
pub fn backend() -> Arc<dyn Backend> {
    expect_context()
}
