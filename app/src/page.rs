//! What the pages share: the sign-in guard, the project in the address, and what stands in for a page that can't be shown.

pub(crate) mod problem;

use std::sync::Arc;

use engine::{ProjectId, User, request::escape};
use leptos::prelude::*;
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_params_map},
};

use crate::{
    session::{AuthSession, backend},
    ui::avatar::Hues,
};

/// A page for whoever is signed in. Everybody else is sent to the sign-in page, and back here after.
pub(crate) fn signed_in(page: Arc<dyn Fn(User) -> AnyView + Send + Sync>) -> AnyView {
    let session = AuthSession::expect();
    let backend = backend();
    // For the colours of people: this page is not of one project.
    let colleagues = Resource::new(
        || (),
        move |()| {
            let backend = backend.clone();
            async move {
                match session.user().await {
                    Ok(Some(_)) => backend.colleagues().await,
                    _ => Ok(Vec::new()),
                }
            }
        },
    );
    view! {
        <Suspense>
            {move || {
                let page = page.clone();
                Suspend::new(async move {
                    match session.user().await {
                        Ok(Some(user)) => {
                            // Without an answer the colours are others.
                            Hues::provide_shared(&colleagues.await.unwrap_or_default());
                            page(user)
                        }
                        Ok(None) => to_sign_in(),
                        Err(error) => problem::view(&error),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// Leads to the sign-in page, and from there back to this one.
pub(crate) fn to_sign_in() -> AnyView {
    let location = use_location();
    let path = sign_in_address(&location.pathname.get_untracked(), &location.search.get_untracked());
    view! { <Redirect path /> }.into_any()
}

/// The address of the sign-in page that leads back to `path` with `query` after.
pub(crate) fn sign_in_address(path: &str, query: &str) -> String {
    if path == "/" {
        return "/login".to_owned();
    }
    let next = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    format!("/login?next={}", escape(&next))
}

/// The project in the address of this page; `None` when what stands there is no id.
pub(crate) fn project_in_address() -> Memo<Option<ProjectId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())))
}

/// The refusal for an address with something that is no project's id.
pub(crate) fn no_such_project() -> engine::ApiError {
    engine::ApiError::new(404, "project_not_found", "This project doesn't exist.")
}
