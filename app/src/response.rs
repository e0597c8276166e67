//! What the server's response to a request for a page depends on, beside the page itself.

use std::sync::Arc;

use engine::UserId;
use leptos::prelude::*;

/// The user whom the page shows, as the server knows. Named in the document, for the requests of the page to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageUser(pub UserId);

/// Sets the HTTP status of the page. The server provides one a request; in the browser there is none.
#[derive(Clone)]
pub struct Respond(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Answers this page with another status than 200.
pub(crate) fn respond(status: u16) {
    if let Some(Respond(set)) = use_context() {
        set(status);
    }
}
