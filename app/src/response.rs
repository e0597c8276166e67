//! The HTTP status of a page, and the user whom it shows.

use std::sync::Arc;

use engine::UserId;
use leptos::prelude::*;

/// The user whom the page shows, set by the server. The document names them, and the page's requests repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageUser(pub UserId);

/// Sets the HTTP status of the page. The server provides one per request; the browser has none.
#[derive(Clone)]
pub struct Respond(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Sets the HTTP status of this page, instead of 200.
pub(crate) fn respond(status: u16) {
    if let Some(Respond(set)) = use_context() {
        set(status);
    }
}
