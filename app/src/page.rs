//! What pages share: the sign-in guard, the project in the address, and pages for errors.

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

/// A page that needs a signed-in user. Others are redirected to the sign-in page, and back here afterwards.
pub(crate) fn signed_in(page: Arc<dyn Fn(User) -> AnyView + Send + Sync>) -> AnyView {
    let session = AuthSession::expect();
    let backend = backend();
    // For the colours of people: this page does not belong to one project.
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
                            // Without a response, the colours differ from those on the boards.
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

/// Redirects to the sign-in page, which leads back to this one.
pub(crate) fn to_sign_in() -> AnyView {
    let location = use_location();
    let path = sign_in_address(&location.pathname.get_untracked(), &location.search.get_untracked());
    view! { <Redirect path /> }.into_any()
}

/// The address of the sign-in page that leads back to `path` with `query`.
pub(crate) fn sign_in_address(path: &str, query: &str) -> String {
    if path == "/" {
        return "/login".to_owned();
    }
    let next = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    format!("/login?next={}", escape(&next))
}

/// The project id in this page's address. `None` when it is not an id.
pub(crate) fn project_in_address() -> Memo<Option<ProjectId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())))
}

/// The refusal for an address without a valid project id.
pub(crate) fn no_such_project() -> engine::ApiError {
    engine::ApiError::new(404, "project_not_found", "This project doesn't exist.")
}
