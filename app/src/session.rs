//! Who is signed in, for every page.

use std::sync::Arc;

use engine::{ApiError, User};
use leptos::prelude::*;

use crate::backend::Backend;

/// Who is signed in: asked for once, by the server, and changed by signing in and out.
#[derive(Clone, Copy, Debug)]
pub struct AuthSession {
    me: Resource<Result<Option<User>, ApiError>>,
    backend: StoredValue<Arc<dyn Backend>>,
    entered: RwSignal<bool>,
}

impl AuthSession {
    /// Puts the session into the context, where there is a backend to ask.
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

    /// Who is signed in, once it is known.
    pub async fn user(self) -> Result<Option<User>, ApiError> {
        self.me.await
    }

    /// Tracks whether somebody has signed in on this page.
    pub fn has_entered(self) -> bool {
        self.entered.get()
    }

    /// The user has another name or address.
    pub fn renamed(self, user: User) {
        self.me.set(Some(Ok(Some(user))));
    }

    /// Signing in answered with this user.
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
