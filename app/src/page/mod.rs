//! One function a route.

use leptos::prelude::*;

/// `/`
pub(crate) fn projects() -> impl IntoView {
    view! { <main><h1>"Projects"</h1></main> }
}
/// `/login`
pub(crate) fn login() -> impl IntoView {
    view! { <main><h1>"Sign in"</h1></main> }
}
/// `/register`
pub(crate) fn register() -> impl IntoView {
    view! { <main><h1>"Create an account"</h1></main> }
}
/// `/account`
pub(crate) fn account() -> impl IntoView {
    view! { <main><h1>"Account"</h1></main> }
}
/// `/projects/:id`
pub(crate) fn board() -> impl IntoView {
    view! { <main><h1>"Board"</h1></main> }
}
/// `/projects/:id/settings`
pub(crate) fn settings() -> impl IntoView {
    view! { <main><h1>"Settings"</h1></main> }
}
/// Anything else.
pub(crate) fn missing() -> impl IntoView {
    crate::document::respond(404);
    view! { <main><h1>"This page does not exist"</h1></main> }
}
