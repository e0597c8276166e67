//! The notice that the browser is signed in as another user than this page's.

use std::sync::Arc;

use engine::{ApiError, User, request::escape};
use leptos::{prelude::*, task::spawn_local};

use crate::{backend::Backend, session::AuthSession, ui::icon::Icon};

/// The names of this page's user, and of the user who is signed in now.
#[derive(Clone, Debug, PartialEq)]
struct Names {
    page: String,
    now: String,
}

/// The notice, with a link to continue as either user. Unsent changes stay with their author.
#[component]
pub fn OtherUser() -> impl IntoView {
    let names = RwSignal::new(None::<Names>);
    // There is no backend while the server lists the routes.
    if let Some(backend) = use_context::<Arc<dyn Backend>>() {
        let session = AuthSession::expect();
        let other = StoredValue::new(false);
        Effect::new(move || {
            let api = Arc::clone(&backend);
            let on_change = move |is_other: bool| {
                let was_other = other.get_value();
                other.set_value(is_other);
                if !is_other {
                    names.set(None);
                } else if !was_other {
                    let now = api.me();
                    spawn_local(async move {
                        let page = name(session.user().await);
                        let now = name(now.await);
                        if other.get_value() {
                            names.set(Some(Names { page, now }));
                        }
                    });
                }
            };
            backend.when_other_user(Arc::new(on_change));
        });
    }
    move || names.get().map(banner)
}

/// A user's name, or words for an unknown user.
fn name(user: Result<Option<User>, ApiError>) -> String {
    user.ok().flatten().map_or_else(|| "someone else".to_owned(), |user| user.name)
}

fn banner(Names { page: owner, now }: Names) -> AnyView {
    let location = window().location();
    let path = [location.pathname(), location.search()].into_iter().map(Result::unwrap_or_default).collect::<String>();
    view! {
        <div class="notice wait other-user" role="alert" data-testid="other-user">
            <Icon name="alert" />
            <p>
                {format!("You're signed in as {now} now. This page belongs to {owner}, so nothing more is saved here. ")}
                {format!("Unsent changes are kept for {owner}.")}
            </p>
            // Links that load a new document: nothing of one user stays in memory for the other.
            <a class="button" href="" rel="external">{format!("Continue as {now}")}</a>
            <a class="button" href=format!("/login?switch=1&next={}", escape(&path)) rel="external">
                {format!("Sign in as {owner}")}
            </a>
        </div>
    }
    .into_any()
}
