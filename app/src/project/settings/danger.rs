//! Deleting the project, which cannot be undone.

use engine::{Method, Request};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::Shared;
use crate::ui::{dialog::Confirm, form::FormError, icon::Icon};

/// The section that deletes the project.
#[component]
pub(super) fn Danger(shared: Shared) -> impl IntoView {
    let submission = shared.deletion;
    let asking = RwSignal::new(false);
    let navigate = use_navigate();
    let done = Callback::new(move |_| navigate("/", Default::default()));
    let delete = Callback::new(move |()| submission.send(Request::new(Method::Delete, shared.path("")), done));
    let name = move || shared.store.project().with(|project| project.name.clone());
    view! {
        <section class="panel" aria-labelledby="danger-title">
            <h2 id="danger-title">"Delete project"</h2>
            <div class="danger-row">
                <p class="quiet">"Deletes the board, its cards and its history for every member. This can't be undone."</p>
                <button
                    class="button danger"
                    type="button"
                    disabled=move || submission.blocked()
                    on:click=move |_| asking.set(true)
                >
                    <Icon name="trash" />
                    "Delete project"
                </button>
            </div>
            <FormError submission />
            <Confirm
                open=asking
                id="delete-project"
                title=Signal::derive(move || format!("Delete “{}”?", name()))
                text=Signal::stored("Every member loses this board at once. This can't be undone.".to_owned())
                action="Delete project"
                on_confirm=delete
            />
        </section>
    }
    .into_any()
}
